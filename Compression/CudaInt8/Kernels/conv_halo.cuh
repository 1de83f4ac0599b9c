// 3x3 convolution with stride 1 and padding 1, which stages each input row once: a tile is BN consecutive output pixels; the padded input rows that it touches lie in shared memory, 80 bytes a
// pixel for 64 channels (no bank conflicts at any shift), and the nine taps read shifted addresses. Weights go from L2 to registers, AHEAD taps early: no barrier inside nine taps.
template<int SP, int BM, int BN, int WN, int AHEAD>
__device__ __forceinline__ void halo_body(const ConvParameters& p) {
  constexpr int WM_ = BM / 64, WN_ = BN / WN, T = 32 * WM_ * WN_, NT = WN / 8, ABLOCK = block_bytes<SP>(), PIXEL = 80;
  DYNAMIC_SHARED(shared);
  PDL_LAUNCH;
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, wm = warp % WM_, wn = warp / WM_;
  const int block = blockIdx.x * WM_, p0 = blockIdx.y * BN;
  int c0 = 0, c1 = p.cblocks;
  if (p.splits > 1) {
    const int z = blockIdx.z;
    c0 = p.cblocks * z / p.splits;
    c1 = p.cblocks * (z + 1) / p.splits;
  }
  const u8* weights = p.w + ((size_t)(block + wm) * p.kblocks + c0) * ABLOCK + lane * 16;
  const int tapstep = p.cblocks * ABLOCK;
  Fragment<SP> A[AHEAD + 1];
  #pragma unroll
  for (int i = 0; i < AHEAD; i++) load_weights<SP>(A[i], weights + i * tapstep);

  // Rows are counted over all images, each with its padding: R0 to R1 are those that the tile touches.
  const int PW = p.W + 2, HP = p.H + 2, hw = p.H * p.W;
  const int n0 = p0 / hw, R0 = n0 * HP + (p0 - n0 * hw) / p.W;
  const int end = min(p0 + BN, p.P) - 1, n1 = end / hw, R1 = n1 * HP + (end - n1 * hw) / p.W + 2;
  const int pixels = (R1 - R0 + 1) * PW;
  int* table = (int*)shared;
  const int tablesize = (p.halo * 4 + 127) & ~127, buffersize = p.halo * PIXEL;
  for (int i = tid; i < pixels; i += T) {
    const int rr = i / PW, cc = i - rr * PW, R = R0 + rr, n = R / HP, iy = R - n * HP - 1, ix = cc - 1;
    const bool ok = (unsigned)iy < (unsigned)p.H && (unsigned)ix < (unsigned)p.W;
    table[i] = ok ? ((n * p.H + iy) * p.W + ix) * p.C : -1;
    if (!ok)
      for (int b = 0; b < p.buffers; b++) {
        uint4* d = (uint4*)(shared + tablesize + b * buffersize + i * PIXEL);
        const uint4 z = make_uint4(0, 0, 0, 0);
        d[0] = z; d[1] = z; d[2] = z; d[3] = z;
      }
  }
  const u32 sb = shared_address(shared) + tablesize;
  u32 at[NT];
  #pragma unroll
  for (int n = 0; n < NT; n++) {
    const int q = min(p0 + wn * WN + n * 8 + (lane & 7), p.P - 1), image = q / hw, r = q - image * hw, oy = r / p.W, ox = r - oy * p.W;
    at[n] = sb + ((image * HP + oy - R0) * PW + ox) * PIXEL + (lane >> 3) * 16;
  }
  __syncthreads();
  PDL_WAIT;

  auto load = [&](int c, int buffer) {
    if (c * 64 + (tid & 3) * 16 >= p.C) return;       // channels that only the weights have, as zeros: any level will do
    const i8* from = p.x + c * 64 + (tid & 3) * 16;
    const u32 to = sb + buffer * buffersize + (tid & 3) * 16;
    for (int i = tid >> 2; i < pixels; i += T / 4) {
      const int o = table[i];
      if (o >= 0) copy16<0>(to + i * PIXEL, from + o, 16);
    }
  };
  int acc[4][NT][4];
  clear<NT>(acc);
  load(c0, 0);
  COPY_COMMIT;
  if (p.residual && p.splits == 1) prefetch_residual<T, BM, BN>(p, block, p0);
  int buffer = 0;
  for (int c = c0; c < c1; c++) {
    COPY_WAIT(0);
    __syncthreads();
    if (c + 1 < c1) load(c + 1, buffer ^ 1);
    COPY_COMMIT;
    const u32 bo = buffer * buffersize;
    buffer ^= 1;
    #pragma unroll
    for (int kh = 0; kh < 3; kh++) {
      const u32 ro = bo + kh * PW * PIXEL;
      #pragma unroll
      for (int kw = 0; kw < 3; kw++) {
        const int t = kh * 3 + kw;
        load_weights<SP>(A[AHEAD], t + AHEAD < 9 ? weights + (t + AHEAD) * tapstep : (c + 1 < c1 ? weights + ABLOCK + (t + AHEAD - 9) * tapstep : weights));
        #pragma unroll
        for (int n = 0; n < NT; n++) {
          u32 b[4];
          load_matrix(b, at[n] + ro + kw * PIXEL);
          multiply<SP, NT>(acc, n, A[0], b);
        }
        #pragma unroll
        for (int i = 0; i < AHEAD; i++) A[i] = A[i + 1];
      }
    }
    weights += ABLOCK;
  }
  finish<T, NT, WN>(p, acc, block, wm, wn, p0);
}
#define HALO(SP, BM, BN, WN, AHEAD, MINB) \
extern "C" __global__ void __launch_bounds__(32 * (BM / 64) * (BN / WN), MINB) conv(const __grid_constant__ ConvParameters p) { halo_body<SP, BM, BN, WN, AHEAD>(p); }
