// What follows the sums of a convolution tile: adding the partial sums of split-K, scale, bias, residual, bounds, rounding, store.
//
// A thread holds accumulators [4 row tiles][NT pixel tiles][4]. Rows are permuted when weights are packed, so that these are 8 neighbouring channels of 2 * NT pixels: stores of 8 bytes, no
// transposition.
struct Scaling { float alpha[8], bias[8]; };

// Of channels c0 to c0 + 7.
__device__ __forceinline__ Scaling scaling_of(const ConvParameters& p, int c0) {
  Scaling s;
  *(float4*)s.alpha = __ldg((const float4*)(p.alpha + c0));
  *(float4*)(s.alpha + 4) = __ldg((const float4*)(p.alpha + c0 + 4));
  *(float4*)s.bias = __ldg((const float4*)(p.bias + c0));
  *(float4*)(s.bias + 4) = __ldg((const float4*)(p.bias + c0 + 4));
  return s;
}

__device__ __forceinline__ uint2 residual_of(const ConvParameters& p, int pixel, int c0) {
  return pixel < p.P ? load8(p.residual + (size_t)pixel * p.K + c0) : make_uint2(0, 0);
}

// Sums of eight neighbouring channels of a pixel to levels.
__device__ __forceinline__ void store_pixel(const ConvParameters& p, const Scaling& s, const int (&sums)[8], uint2 residual, int pixel, int c0) {
  if (pixel >= p.P) return;
  float f[8];
  #pragma unroll
  for (int i = 0; i < 8; i++) f[i] = fmaf((float)sums[i], s.alpha[i], s.bias[i]);
  if (p.residual) {
    #pragma unroll
    for (int i = 0; i < 8; i++) f[i] = fmaf((float)byte_of(i < 4 ? residual.x : residual.y, i & 3), p.beta, f[i]);
  }
  uint2 r;
  r.x = levels4(f[0], f[1], f[2], f[3], p.low, p.high);
  r.y = levels4(f[4], f[5], f[6], f[7], p.low, p.high);
  *(uint2*)(p.y + (size_t)pixel * p.K + c0) = r;
}

template<int T, int NT, int WN>
__device__ __forceinline__ void finish(const ConvParameters& p, int (&acc)[4][NT][4], int block, int wm, int wn, int p0) {
  const int tid = threadIdx.x, lane = tid & 31;
  if (p.splits > 1) {
    // Integer sums in any order are the same; the block that comes last adds the others' and goes on alone.
    __shared__ int last;
    const int tile = blockIdx.y * gridDim.x + blockIdx.x;
    int4* all = (int4*)p.partials + ((size_t)tile * p.splits) * (4 * NT * T) + tid;
    int4* mine = all + (size_t)blockIdx.z * (4 * NT * T);
    #pragma unroll
    for (int m = 0; m < 4; m++)
      #pragma unroll
      for (int n = 0; n < NT; n++) __stcg(mine + (m * NT + n) * T, make_int4(acc[m][n][0], acc[m][n][1], acc[m][n][2], acc[m][n][3]));
    __threadfence();
    __syncthreads();
    if (tid == 0) {
      const int before = atomicAdd(p.counters + tile, 1);
      last = before == p.splits - 1;
      if (last) p.counters[tile] = 0;
    }
    __syncthreads();
    if (!last) return;
    __threadfence();
    for (int z = 0; z < p.splits; z++) {
      if (z == (int)blockIdx.z) continue;
      const int4* other = all + (size_t)z * (4 * NT * T);
      #pragma unroll
      for (int m = 0; m < 4; m++)
        #pragma unroll
        for (int n = 0; n < NT; n++) {
          const int4 v = __ldcg(other + (m * NT + n) * T);
          acc[m][n][0] += v.x; acc[m][n][1] += v.y; acc[m][n][2] += v.z; acc[m][n][3] += v.w;
        }
    }
  }

  const int g = lane >> 2, t = lane & 3, c0 = (block + wm) * 64 + g * 8;
  if (c0 >= p.K) return;       // channels that only the weights have
  const Scaling scaling = scaling_of(p, c0);
  uint2 residual[NT][2];
  if (p.residual) {       // all loads before the first store: the compiler cannot know that they never overlap (30 us a layer at batch 128)
    #pragma unroll
    for (int n = 0; n < NT; n++)
      #pragma unroll
      for (int j = 0; j < 2; j++) residual[n][j] = residual_of(p, p0 + wn * WN + n * 8 + 2 * t + j, c0);
  }
  #pragma unroll
  for (int n = 0; n < NT; n++)
    #pragma unroll
    for (int j = 0; j < 2; j++) {
      const int sums[8] = {acc[0][n][j], acc[0][n][2 + j], acc[1][n][j], acc[1][n][2 + j], acc[2][n][j], acc[2][n][2 + j], acc[3][n][j], acc[3][n][2 + j]};
      store_pixel(p, scaling, sums, residual[n][j], p0 + wn * WN + n * 8 + 2 * t + j, c0);
    }
}
