// Implicit GEMM over any kernel of up to 32 taps: one group, no dilation, equal strides and paddings.
// A block makes BM channels of BN pixels; a warp 64 channels of WN pixels. Weights and activations go through STAGES buffers of shared memory, 64 bytes of K a step.
template<int SP, int BM, int BN, int WN, int STAGES, int CA>
__device__ __forceinline__ void implicit_body(const ConvParameters& p) {
  constexpr int WM_ = BM / 64, WN_ = BN / WN, T = 32 * WM_ * WN_;
  constexpr int ABLOCK = block_bytes<SP>(), ASIZE = ABLOCK * WM_, STAGE = ASIZE + BN * 64;
  constexpr int ROWS = BN * 4 / T, RSTEP = T / 4, NT = WN / 8;
  DYNAMIC_SHARED(shared);
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, wm = warp % WM_, wn = warp / WM_;
  const int block = blockIdx.x * WM_, p0 = blockIdx.y * BN;
  int k0 = 0, k1 = p.kblocks;
  if (p.splits > 1) {
    const int z = blockIdx.z;
    k0 = (int)((long long)p.kblocks * z / p.splits);
    k1 = (int)((long long)p.kblocks * (z + 1) / p.splits);
  }
  const int steps = k1 - k0;

  PDL_LAUNCH;
  // Each thread loads 16 bytes of ROWS pixels a step: where each begins, and which taps of it lie in the image.
  const int chunk = tid & 3, ohw = p.OH * p.OW;
  int base[ROWS];
  u32 inside[ROWS];
  #pragma unroll
  for (int i = 0; i < ROWS; i++) {
    int pixel = p0 + (tid >> 2) + i * RSTEP;
    const bool ok = pixel < p.P;
    if (!ok) pixel = 0;
    const int n = pixel / ohw, r = pixel - n * ohw, oy = r / p.OW, ox = r - oy * p.OW;
    const int iy = oy * p.stride - p.pad, ix = ox * p.stride - p.pad;
    base[i] = ((n * p.H + iy) * p.W + ix) * p.C + chunk * 16;
    u32 mask = 0;
    if (ok) {
      int kh = 0, kw = 0;
      for (int t = 0; t < p.taps; t++) {
        if ((unsigned)(iy + kh) < (unsigned)p.H && (unsigned)(ix + kw) < (unsigned)p.W) mask |= 1u << t;
        if (++kw == p.S) { kw = 0; kh++; }
      }
    }
    inside[i] = mask;
  }
  const u32 sbase = shared_address(shared);
  const int row = tid >> 2;
  const u32 to = ASIZE + row * 64 + ((chunk ^ ((row >> 1) & 3)) << 4);   // RSTEP is a multiple of 8 and keeps the phase of the swizzle
  const u8* weights = p.w + ((size_t)block * p.kblocks + k0) * ABLOCK;
  int tap = k0 / p.cblocks, cblock = k0 - tap * p.cblocks;
  auto load_block = [&](int stage) {
    const u32 sb = sbase + stage * STAGE;
    #pragma unroll
    for (int m = 0; m < WM_; m++) {
      const u8* from = weights + (size_t)m * p.kblocks * ABLOCK;
      #pragma unroll
      for (int i = 0; i < (ABLOCK / 16 + T - 1) / T; i++) {
        const int o = tid + i * T;
        if (((ABLOCK / 16) % T) == 0 || o < ABLOCK / 16) copy16<0>(sb + m * ABLOCK + o * 16, from + o * 16, 16);
      }
    }
    weights += ABLOCK;
  };
  auto load_pixels = [&](int stage) {
    const u32 sb = sbase + stage * STAGE;
    const int kh = tap / p.S, kw = tap - kh * p.S, offset = (kh * p.W + kw) * p.C + cblock * 64;
    const bool there = cblock * 64 + chunk * 16 < p.C;       // other channels only the weights have, as zeros
    #pragma unroll
    for (int i = 0; i < ROWS; i++) {
      const bool in = there && (inside[i] >> tap) & 1;
      copy16<CA>(sb + to + i * RSTEP * 64, in ? p.x + (base[i] + offset) : p.x, in ? 16 : 0);
    }
    if (++cblock == p.cblocks) { cblock = 0; tap++; }
  };

  int acc[4][NT][4];
  clear<NT>(acc);
  // Nobody writes weights, so those of the first stages come while the kernel before still runs.
  #pragma unroll
  for (int s = 0; s < STAGES - 1; s++)
    if (s < steps) load_block(s);
  PDL_WAIT;
  #pragma unroll
  for (int s = 0; s < STAGES - 1; s++) {
    if (s < steps) load_pixels(s);
    COPY_COMMIT;
  }
  const u32 lrow = lane & 7;
  const u32 from = ASIZE + (wn * WN + lrow) * 64 + (((lane >> 3) ^ ((lrow >> 1) & 3)) << 4);
  int read = 0, write = STAGES - 1;
  for (int k = 0; k < steps; k++) {
    COPY_WAIT(STAGES - 2);
    __syncthreads();
    if (k + STAGES - 1 < steps) {
      load_block(write);
      load_pixels(write);
    }
    COPY_COMMIT;
    if (++write == STAGES) write = 0;
    const u8* sa = shared + read * STAGE + wm * ABLOCK + lane * 16;
    const u32 sb = sbase + read * STAGE + from;
    if (++read == STAGES) read = 0;
    Fragment<SP> a;
    #pragma unroll
    for (int m = 0; m < (SP ? 4 : 8); m++) a.a[m] = *(const uint4*)(sa + m * 512);
    if (SP) a.e = *(const uint4*)(sa + 2048);
    #pragma unroll
    for (int n = 0; n < NT; n++) {
      u32 b[4];
      load_matrix(b, sb + n * 512);
      multiply<SP, NT>(acc, n, a, b);
    }
  }
  COPY_WAIT(0);
  finish<T, NT, WN>(p, acc, block, wm, wn, p0);
}
#define IMPLICIT(SP, BM, BN, WN, STAGES, CA, MINB) \
extern "C" __global__ void __launch_bounds__(32 * (BM / 64) * (BN / WN), MINB) conv(const __grid_constant__ ConvParameters p) { implicit_body<SP, BM, BN, WN, STAGES, CA>(p); }
