// 1x1 convolution with any stride on the instructions of a warpgroup (Hopper). These layers move much memory for little arithmetic, so a block asks for all that it will read at once: the activations of BN pixels,
// all channels, in planes of 16, and their residual. Then it multiplies, CHUNK blocks of 64 channels at a time as they come, and writes whole rows of BM channels. Weights go from L2 to registers.

// Until at most that many groups of copies are under way.
__device__ __forceinline__ void wait_for_copies(int later) {
  switch (later) {
    case 1: COPY_WAIT(1); break;
    case 2: COPY_WAIT(2); break;
    case 3: COPY_WAIT(3); break;
    case 4: COPY_WAIT(4); break;
    default: COPY_WAIT(5);
  }
}

template<int SP, int BM, int BN, int CHUNK>
__device__ __forceinline__ void pointwise_body(const ConvParameters& p) {
  constexpr int WM_ = BM / 64, T = 128 * WM_, ABLOCK = block_bytes<SP>(), STAGE = BM + 16, CHUNKS = BM / 16, ROWS = BN * 4 / T, PLANE = (BN + 2) * 16;
  static_assert(ROWS * T == BN * 4, "threads share the pixels of 64 channels");
  DYNAMIC_SHARED(shared);
  PDL_LAUNCH;
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5 & 3, wm = tid >> 7;
  const int block = blockIdx.x * WM_, p0 = blockIdx.y * BN, chunk = tid & 3, row = tid >> 2, steps = p.cblocks / CHUNK;
  const u8* values = p.w + (size_t)(block + wm) * p.kblocks * ABLOCK + warp * (SP ? 512 : 1024) + lane * 16;
  const u8* metadata = p.w + (size_t)(block + wm) * p.kblocks * ABLOCK + 2048 + warp * 128 + lane * 4;
  Rows<SP> A[CHUNK], B[CHUNK];
  #pragma unroll
  for (int i = 0; i < CHUNK; i++) load_rows<SP>(A[i], values + i * ABLOCK, metadata + i * ABLOCK);
  const int channel = wm * 64 + warp * 16, c0 = block * 64 + channel + (lane >> 2) * 2;
  const float alpha[2] = {__ldg(p.alpha + c0), __ldg(p.alpha + c0 + 1)}, bias[2] = {__ldg(p.bias + c0), __ldg(p.bias + c0 + 1)};

  const u32 stage = shared_address(shared), lines = stage + BN * STAGE, to = lines + chunk * PLANE + row * 16;
  const i8* from[ROWS];        // of the pixels behind the last, which nobody stores, the last
  #pragma unroll
  for (int i = 0; i < ROWS; i++) {
    const int pixel = min(p0 + row + i * (T / 4), p.P - 1), ohw = p.OH * p.OW, n = pixel / ohw, r = pixel - n * ohw, oy = r / p.OW, ox = r - oy * p.OW;
    from[i] = p.x + (size_t)((n * p.H + oy * p.stride) * p.W + ox * p.stride) * p.C + chunk * 16;
  }
  PDL_WAIT;
  for (int s = 0; s < steps; s++) {
    #pragma unroll
    for (int j = 0; j < CHUNK; j++) {
      const int c = s * CHUNK + j;
      if (c * 64 + chunk * 16 < p.C) {        // other channels only the weights have, as zeros: any level will do
        #pragma unroll
        for (int i = 0; i < ROWS; i++) copy16<0>(to + c * 4 * PLANE + i * (T / 4) * 16, from[i] + c * 64, 16);
      }
    }
    COPY_COMMIT;
  }
  if (p.residual)
    for (int i = tid; i < BN * CHUNKS; i += T) {
      const int o = p0 + i / CHUNKS, channels = block * 64 + i % CHUNKS * 16;
      if (o < p.P && channels < p.K) copy16<0>(stage + i / CHUNKS * STAGE + i % CHUNKS * 16, p.residual + (size_t)o * p.K + channels, 16);
    }
  COPY_COMMIT;

  int acc[BN / 8][4];
  // Weights of the next step come while this one multiplies. That reads its own from their registers until it is waited for: so two sets take turns, and nothing is written to a set before.
  auto multiply_step = [&](int s, Rows<SP>(&now)[CHUNK], Rows<SP>(&next)[CHUNK]) {
    wait_for_copies(steps - s);
    FENCE_ASYNC;
    __syncthreads();
    const u32 line = lines + s * CHUNK * 4 * PLANE;
    pin(acc);
    WARPGROUP_FENCE;
    #pragma unroll
    for (int j = 0; j < CHUNK; j++) {
      const u32 at = line + j * 4 * PLANE;
      const int add = j > 0 || s > 0;
      if (SP) warpgroup_sparse(acc, now[j].a[0], now[j].e, descriptor(at, PLANE), add);
      else {
        warpgroup_dense(acc, now[j].a[0], descriptor(at, PLANE), add);
        warpgroup_dense(acc, now[j].a[SP ? 0 : 1], descriptor(at + 2 * PLANE, PLANE), 1);
      }
    }
    WARPGROUP_COMMIT;
    if (s + 1 < steps) {
      #pragma unroll
      for (int i = 0; i < CHUNK; i++) load_rows<SP>(next[i], values + ((s + 1) * CHUNK + i) * ABLOCK, metadata + ((s + 1) * CHUNK + i) * ABLOCK);
    }
    WARPGROUP_WAIT(0);
    pin(acc);
    #pragma unroll
    for (int i = 0; i < CHUNK; i++) pin(now[i]);
  };
  for (int s = 0; s < steps; s += 2) {
    multiply_step(s, A, B);
    if (s + 1 < steps) multiply_step(s + 1, B, A);
  }
  COPY_WAIT(0);
  __syncthreads();
  levels_to_rows<BN, STAGE>(p, acc, alpha, bias, stage + lane * STAGE + channel);
  __syncthreads();
  for (int i = tid; i < BN * CHUNKS; i += T) {
    const int o = p0 + i / CHUNKS, channels = block * 64 + i % CHUNKS * 16;
    if (o < p.P && channels < p.K) *(uint4*)(p.y + (size_t)o * p.K + channels) = *(const uint4*)(shared + i / CHUNKS * STAGE + i % CHUNKS * 16);
  }
}
#define POINTWISE(SP, BM, BN, CHUNK, MINB) \
extern "C" __global__ void __launch_bounds__(2 * BM, MINB) conv(const __grid_constant__ ConvParameters p) { pointwise_body<SP, BM, BN, CHUNK>(p); }
