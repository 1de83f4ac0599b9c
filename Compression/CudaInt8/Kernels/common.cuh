// Parameters and arithmetic that all kernels share.

// One INT8 convolution on the tensor cores. Field by field what Execution/KernelParameters.cs lays out.
struct ConvParameters {
  const i8* x;            // [N, H, W, C]; C and K are strides, of which the layer's channels may be fewer
  const u8* w;            // packed, see Packing/
  i8* y;                  // [N, OH, OW, K]
  const i8* residual;     // like y, or null
  const float* alpha;     // [K rounded up to 64]
  const float* bias;      // as many
  int* partials;          // of split-K
  int* counters;          // of split-K, zero between launches
  float beta, low, high;
  int H, W, C, OH, OW, K, P;   // P = N * OH * OW
  int stride, pad, S, taps, cblocks, kblocks, splits;
  int halo, buffers;      // halo kernel: most padded pixels a tile can touch; buffers of them
};
static_assert(sizeof(ConvParameters) == 144, "Execution/KernelParameters.cs has another layout");

__device__ __forceinline__ void add(int4& sum, int4 v) { sum.x += v.x; sum.y += v.y; sum.z += v.z; sum.w += v.w; }
__device__ __forceinline__ int byte_of(u32 word, int i) { return (int)(i8)(word >> (i * 8)); }

// Four values bounded, rounded to the nearest, halves to even, and packed. 1.5 * 2^23 pushes the fraction out of the mantissa; the slower conversion instruction is not needed.
__device__ __forceinline__ u32 levels4(float a, float b, float c, float d, float low, float high) {
  const float M = 12582912.f;
  u32 x = __float_as_uint(fminf(fmaxf(a, low), high) + M), y = __float_as_uint(fminf(fmaxf(b, low), high) + M);
  u32 z = __float_as_uint(fminf(fmaxf(c, low), high) + M), w = __float_as_uint(fminf(fmaxf(d, low), high) + M);
  return __byte_perm(__byte_perm(x, y, 0x0040), __byte_perm(z, w, 0x0040), 0x5410);
}
// As the reference bounds: NaN counts as the lower bound, and the sign of a zero is that of the bound.
__device__ __forceinline__ float bounded(float v, float low, float high) { return !(v > low) ? low : v < high ? v : high; }
__device__ __forceinline__ i8 level(float v, float low, float high) { return (i8)__float2int_rn(bounded(v, low, high)); }
