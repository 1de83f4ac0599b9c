// Convolution of up to four channels, four bytes a pixel: any window up to eight taps wide, without dilation. K is a row of eight taps of four channels; weights [blocks of 64 channels][R][4 row
// tiles][32 lanes][16 bytes]. A lane reads a pixel, the word that the instruction takes from it, straight from memory; 4 warps make 64 channels of 4 * 8 * NT pixels.
template<int NT>
__device__ __forceinline__ void image_body(const ConvParameters& p) {
  constexpr int WN = 8 * NT, T = 128;
  PDL_LAUNCH;
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, g = lane >> 2, t = lane & 3, block = blockIdx.x, p0 = blockIdx.y * WN * 4, R = p.taps / p.S, ohw = p.OH * p.OW;
  const u8* weights = p.w + (size_t)block * R * 2048 + lane * 16;
  uint4 a[4];
  #pragma unroll
  for (int m = 0; m < 4; m++) a[m] = __ldg((const uint4*)(weights + m * 512));
  int at[NT], top[NT], left[NT];
  #pragma unroll
  for (int n = 0; n < NT; n++) {
    const int q = min(p0 + warp * WN + n * 8 + g, p.P - 1), image = q / ohw, r = q - image * ohw, oy = r / p.OW, ox = r - oy * p.OW;
    top[n] = oy * p.stride - p.pad;
    left[n] = ox * p.stride - p.pad + t;
    at[n] = (image * p.H + top[n]) * p.W + left[n];
  }
  int acc[4][NT][4];
  clear<NT>(acc);
  PDL_WAIT;
  const u32* x = (const u32*)p.x;
  for (int kh = 0; kh < R; kh++) {
    #pragma unroll
    for (int n = 0; n < NT; n++) {
      const bool row = (unsigned)(top[n] + kh) < (unsigned)p.H;
      u32 b[2];
      #pragma unroll
      for (int i = 0; i < 2; i++)
        b[i] = row && t + i * 4 < p.S && (unsigned)(left[n] + i * 4) < (unsigned)p.W ? x[at[n] + kh * p.W + i * 4] : 0;
      #pragma unroll
      for (int m = 0; m < 4; m++) mma_dense(acc[m][n], a[m], b[0], b[1]);
    }
    if (kh + 1 < R) {
      weights += 2048;
      #pragma unroll
      for (int m = 0; m < 4; m++) a[m] = __ldg((const uint4*)(weights + m * 512));
    }
  }
  finish<T, NT, WN>(p, acc, block, 0, warp, p0);
}
#define IMAGE(NT) \
extern "C" __global__ void __launch_bounds__(128) conv(const __grid_constant__ ConvParameters p) { image_body<NT>(p); }
