// What the convolution kernels on the tensor cores share: weights of a step of K in a warp's registers, and the products of such a step.

// Weights of 64 output channels by 64 values of K, as Packing/WeightBlocks.cs lays them out: 4 or 8 registers of four bytes for each lane and, of 2:4 weights, their metadata.
template<int SP> struct Fragment { uint4 a[SP ? 4 : 8]; uint4 e; };
template<int SP> __device__ constexpr int block_bytes() { return SP ? 2560 : 4096; }

// From global memory, where nobody writes them while kernels run. from: the lane's 16 bytes of the block.
template<int SP> __device__ __forceinline__ void load_weights(Fragment<SP>& f, const u8* from) {
  #pragma unroll
  for (int m = 0; m < (SP ? 4 : 8); m++) f.a[m] = __ldg((const uint4*)(from + m * 512));
  if (SP) f.e = __ldg((const uint4*)(from + 2048));
}

template<int NT> __device__ __forceinline__ void clear(int (&acc)[4][NT][4]) {
  #pragma unroll
  for (int a = 0; a < 4; a++)
    #pragma unroll
    for (int b = 0; b < NT; b++)
      #pragma unroll
      for (int c = 0; c < 4; c++) acc[a][b][c] = 0;
}

// Adds the products of 64 channels, 8 pixels and 64 values of K; b: the activations of these pixels as the instruction takes them.
template<int SP, int NT> __device__ __forceinline__ void multiply(int (&acc)[4][NT][4], int n, const Fragment<SP>& f, const u32 (&b)[4]) {
  if (SP) {
    const u32 e[4] = {f.e.x, f.e.y, f.e.z, f.e.w};
    #pragma unroll
    for (int m = 0; m < 4; m++) mma_sparse(acc[m][n], f.a[m], b, e[m]);
  } else {
    #pragma unroll
    for (int m = 0; m < 4; m++) mma_dense(acc[m][n], f.a[SP ? 0 : m * 2], b[0], b[1]);
    #pragma unroll
    for (int m = 0; m < 4; m++) mma_dense(acc[m][n], f.a[SP ? 0 : m * 2 + 1], b[2], b[3]);
  }
}

// A tile's residual on its way to the second-level cache while products are made.
template<int T, int BM, int BN> __device__ __forceinline__ void prefetch_residual(const ConvParameters& p, int block, int p0) {
  constexpr int LINES = BM / 64;
  const i8* r = p.residual + (size_t)p0 * p.K + block * 64;
  for (int i = threadIdx.x; i < BN * LINES; i += T)
    if (p0 + i / LINES < p.P && block * 64 + i % LINES * 64 < p.K) prefetch(r + (size_t)(i / LINES) * p.K + (i % LINES) * 64);
}
