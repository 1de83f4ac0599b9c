using System.Text;
using SparseGrid.Compression.Tensors;

namespace SparseGrid.Compression.Tests.Tensors;

public sealed class SafeTensorsTests
{
    [Fact]
    public void What_was_written_is_read_back()
    {
        var file = SafeTensors.Write(new Dictionary<string, HostArray>
        {
            ["b"] = HostArray.Of((ReadOnlySpan<float>)[1, -2, float.NaN], 3),
            ["a"] = HostArray.Of((ReadOnlySpan<long>)[long.MaxValue, -1], 2, 1),
            ["empty"] = HostArray.Of(ReadOnlySpan<float>.Empty, 0, 4),
        });
        var arrays = SafeTensors.Read(file, "test");

        Assert.Equal([1, -2, float.NaN], arrays["b"].Floats.ToArray());
        Assert.Equal([long.MaxValue, -1], arrays["a"].Longs.ToArray());
        Assert.Equal([2, 1], arrays["a"].Shape);
        Assert.Equal(0, arrays["empty"].Count);
        Assert.Equal(file, SafeTensors.Write(arrays));
    }

    [Fact]
    public void The_order_of_insertion_does_not_show()
    {
        var one = HostArray.Of((ReadOnlySpan<float>)[1], 1);
        Assert.Equal(
            SafeTensors.Write(new Dictionary<string, HostArray> { ["x"] = one, ["y"] = one }),
            SafeTensors.Write(new Dictionary<string, HostArray> { ["y"] = one, ["x"] = one }));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}""", "takes 4 bytes, but it has 3")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,400]}}""", "should lie at bytes 0 to 400, but there are 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "does not fit its 4 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", "does not fit its 4 bytes")]
    [InlineData("""{"a":{"dtype":"Q3","shape":[1],"data_offsets":[0,4]}}""", "has dtype Q3, which is not supported")]
    [InlineData("""{"a":{"shape":[1]}}""", "its header is not what the format asks")]
    [InlineData("[]", "its header is not what the format asks")]
    public void A_broken_file_says_where_it_breaks_the_format(string header, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(header);
        byte[] file = [.. BitConverter.GetBytes((long)bytes.Length), .. bytes, 0, 0, 0, 0];
        var error = Assert.Throws<InvalidDataException>(() => SafeTensors.Read(file, "weights.safetensors"));
        Assert.Contains("weights.safetensors is not a readable safetensors file", error.Message);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void No_cut_or_flipped_byte_ends_in_anything_but_arrays_or_that_error()
    {
        var file = SafeTensors.Write(new Dictionary<string, HostArray> { ["a"] = HostArray.Of((ReadOnlySpan<float>)[1, 2, 3], 3) });
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var broken = file[..random.Next(file.Length + 1)];
            if (broken.Length > 0)
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            try
            {
                SafeTensors.Read(broken, "mutated");
            }
            catch (InvalidDataException)
            {
            }
        }
    }
}
