using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace SparseGrid.Compression.Tensors.PyTorch;

/// <summary>
/// Runs a pickle as far as it builds data: dicts, lists, tuples, sets, numbers, texts, and what <paramref name="call"/> makes of the functions it names.
/// Nothing of Python is executed, whatever the pickle says.
/// </summary>
/// <param name="call">Told the function and its arguments.</param>
/// <param name="persistent">Told the tuple that stands for an object outside of the pickle, here a storage.</param>
/// <remarks>
/// The opcodes of protocols 2 to 5 that torch.save writes (CPython, Lib/pickletools.py). A pickle takes memory in proportion to its length: no opcode makes more
/// than one object, and texts are slices of the input.
/// </remarks>
internal sealed class PickleReader(Func<PickleGlobal, object?[], object?> call, Func<object?[], object?> persistent)
{
    private static readonly object Mark = new();

    private readonly List<object?> stack = [];
    private readonly Dictionary<uint, object?> memo = [];
    private ReadOnlyMemory<byte> pickle;
    private int at;

    /// <summary>The object that the pickle holds.</summary>
    /// <exception cref="InvalidDataException">It breaks the format, uses an opcode that data do not need, or names a function that <c>call</c> refuses.</exception>
    public object? Read(ReadOnlyMemory<byte> bytes)
    {
        (pickle, at) = (bytes, 0);
        stack.Clear();
        memo.Clear();
        while (true)
        {
            var place = at;
            var opcode = Byte();
            if (opcode == (byte)'.')
                return stack.Count == 1 ? Pop() : throw Broken($"it ends with {stack.Count} objects where one is right");
            try
            {
                Step(opcode);
            }
            catch (InvalidCastException e)
            {
                throw Broken($"the opcode 0x{opcode:x2} at byte {place} meets an object of another kind ({e.Message})");
            }
        }
    }

    private void Step(byte opcode)
    {
        switch ((char)opcode)
        {
            case '\x80': Byte(); break;                                        // PROTO
            case '\x95': Take(8); break;                                       // FRAME
            case '(': stack.Add(Mark); break;
            case '0': Pop(); break;
            case '2': stack.Add(Peek()); break;
            case '1': PopToMark(); break;
            case 'N': stack.Add(null); break;
            case '\x88': stack.Add(true); break;
            case '\x89': stack.Add(false); break;
            case 'J': stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4))); break;
            case 'K': stack.Add((long)Byte()); break;
            case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case '\x8a': AddInteger(Take(Byte())); break;
            case '\x8b': AddInteger(Take(Length(BinaryPrimitives.ReadInt32LittleEndian(Take(4))))); break;
            case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case 'X': stack.Add(Text(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case '\x8c': stack.Add(Text(Byte())); break;
            case '\x8d': stack.Add(Text(Length(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))))); break;
            case 'C': stack.Add(Bytes(Byte())); break;
            case 'B': stack.Add(Bytes(Length(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))))); break;
            case '}': stack.Add(new PickleDictionary()); break;
            case ']': case '\x8f': stack.Add(new List<object?>()); break;      // EMPTY_LIST, EMPTY_SET
            case ')': stack.Add(Array.Empty<object?>()); break;
            case 't': stack.Add(PopToMark()); break;
            case '\x85': stack.Add(PopLast(1)); break;
            case '\x86': stack.Add(PopLast(2)); break;
            case '\x87': stack.Add(PopLast(3)); break;
            case 'a': var item = Pop(); ((List<object?>)Peek()!).Add(item); break;
            case 'e': case '\x90': var items = PopToMark(); ((List<object?>)Peek()!).AddRange(items); break;
            case 's': var pair = PopLast(2); Set((PickleDictionary)Peek()!, pair[0], pair[1]); break;
            case 'u': SetAll(PopToMark()); break;
            case 'q': memo[Byte()] = Peek(); break;
            case 'r': memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek(); break;
            case '\x94': memo[(uint)memo.Count] = Peek(); break;
            case 'h': stack.Add(Remembered(Byte())); break;
            case 'j': stack.Add(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)))); break;
            case 'c': stack.Add(new PickleGlobal(Line(), Line())); break;
            case '\x93': var name = PopLast(2); stack.Add(new PickleGlobal((string)name[0]!, (string)name[1]!)); break;
            case 'R': var function = PopLast(2); stack.Add(call(Named(function[0]), (object?[])function[1]!)); break;
            case '\x81': var type = PopLast(2); stack.Add(call(Named(type[0]), (object?[])type[1]!)); break;
            case 'b': Build(Pop()); break;
            case 'Q': stack.Add(persistent((object?[])Pop()!)); break;
            default: throw Broken($"the opcode 0x{opcode:x2} at byte {at - 1} is none that plain data need");
        }
    }

    // An ordered dict carries attributes, among them a state dict's version numbers; they are no data.
    private void Build(object? state)
    {
        if (Peek() is not PickleDictionary)
            throw Broken($"it sets attributes ({Shown(state)}) of an object that is no dict");
    }

    private void SetAll(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
            throw Broken("a dict gets a key without a value");
        var dictionary = (PickleDictionary)Peek()!;
        for (var i = 0; i < pairs.Length; i += 2)
            Set(dictionary, pairs[i], pairs[i + 1]);
    }

    private static void Set(PickleDictionary dictionary, object? key, object? value)
    {
        if (key is not (string or long or double or bool or BigInteger))
            throw Broken($"a dict has a key that is neither text nor number ({Shown(key)})");
        dictionary.Set(key, value);
    }

    private static PickleGlobal Named(object? function) =>
        function as PickleGlobal ?? throw Broken($"it calls something that is no function ({Shown(function)})");

    private object? Remembered(uint place) => memo.TryGetValue(place, out var value) ? value : throw Broken($"it refers to object {place}, which it never made");

    private object? Peek() => stack.Count > 0 && !ReferenceEquals(stack[^1], Mark) ? stack[^1] : throw Broken("it takes an object where there is none");

    private object? Pop()
    {
        var value = Peek();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private object?[] PopLast(int count)
    {
        var values = new object?[count];
        for (var i = count - 1; i >= 0; i--)
            values[i] = Pop();
        return values;
    }

    private object?[] PopToMark()
    {
        var mark = stack.FindLastIndex(value => ReferenceEquals(value, Mark));
        if (mark < 0)
            throw Broken("it closes a group that it never opened");
        object?[] values = [.. stack.Skip(mark + 1)];
        stack.RemoveRange(mark, stack.Count - mark);
        return values;
    }

    private byte Byte() => Take(1)[0];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > pickle.Length - at)
            throw Broken($"it ends at byte {pickle.Length}, in the middle of an opcode");
        at += count;
        return pickle.Span.Slice(at - count, count);
    }

    private int Length<T>(T length)
        where T : INumber<T> =>
        !T.IsNegative(length) && length <= T.CreateSaturating(pickle.Length - at)
            ? int.CreateChecked(length)
            : throw Broken($"at byte {at} it announces {length} bytes, but {pickle.Length - at} are left");

    private string Text(int length) => Encoding.UTF8.GetString(Take(length));

    private byte[] Bytes(int length) => Take(length).ToArray();

    private string Line()
    {
        var length = pickle.Span[at..].IndexOf((byte)'\n');
        if (length < 0)
            throw Broken("a name has no end");
        var text = Text(length);
        at++;
        return text;
    }

    // Little-endian two's complement; what fits is a long, as the short opcodes give it.
    private void AddInteger(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        if (bytes.Length <= 8)
            stack.Add((long)value);
        else
            stack.Add(value);
    }

    private static string Shown(object? value) => value switch
    {
        null => "None",
        string text => $"'{(text.Length > 40 ? text[..40] + "…" : text)}'",
        PickleDictionary => "a dict",
        object?[] => "a tuple",
        List<object?> => "a list",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static InvalidDataException Broken(string why) => new($"its pickle breaks the format: {why}");
}
