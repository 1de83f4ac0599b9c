// 3x3 convolution with stride 1 and padding 1 on the instructions of a warpgroup (Hopper), which multiply 1.5 (dense) to 1.8 times (2:4) as fast as those of a warp. Pixels are counted over all images with
// one column of zeros behind each row and one row of zeros behind each image: so each tap is a shift of one line of pixels, and a tile is BN neighbours on that line, of which those in the padding are
// thrown away. Shared memory holds the line in planes of 16 channels, 16 bytes a pixel, which the instruction reads from any pixel on. Weights go from L2 to registers, RING - GROUP taps ahead.

template<int SP, int BM, int BN, int WN, int RING>
__device__ __forceinline__ void warpgroup_body(const ConvParameters& p) {
  // GROUP: taps that are waited for together. Small tiles load before they multiply, since their channels are needed sooner; large ones while they do.
  constexpr int WM_ = BM / 64, T = 128 * WM_ * (BN / WN), ABLOCK = block_bytes<SP>(), STAGE = BM + 16, CHUNKS = BM / 16, GROUP = RING == 9 ? 3 : 1, DEPTH = 2;
  constexpr bool EARLY = WN <= 128;
  static_assert(RING == 3 || RING == 9, "nine taps go round the ring");
  DYNAMIC_SHARED(shared);
  PDL_LAUNCH;
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5 & 3, wm = (tid >> 7) % WM_, wn = (tid >> 7) / WM_;
  const int block = blockIdx.x * WM_, last = p.cblocks - 1, PW = p.W + 1, HP = p.H + 1, pixels = BN + 2 * PW + 2, images = p.P / (p.H * p.W);
  const u8* values = p.w + (size_t)(block + wm) * p.kblocks * ABLOCK + warp * (SP ? 512 : 1024) + lane * 16;
  const u8* metadata = p.w + (size_t)(block + wm) * p.kblocks * ABLOCK + 2048 + warp * 128 + lane * 4;
  const int tapstep = p.cblocks * ABLOCK;
  Rows<SP> A[RING];
  #pragma unroll
  for (int i = 0; i < RING - GROUP; i++) load_rows<SP>(A[i], values + i * tapstep, metadata + i * tapstep);
  const int channel = wm * 64 + warp * 16, c0 = block * 64 + channel + (lane >> 2) * 2;
  const float alpha[2] = {__ldg(p.alpha + c0), __ldg(p.alpha + c0 + 1)}, bias[2] = {__ldg(p.bias + c0), __ldg(p.bias + c0 + 1)};

  // Of each place on the line that the tile touches, its pixel; -1 in the padding, which stays zero.
  int* table = (int*)shared;
  const int tablesize = (p.halo * 4 + 127) & ~127, plane = p.halo * 16;
  const u32 stage = shared_address(shared) + tablesize, lines = stage + BN * STAGE;
  for (int i = tid; i < pixels; i += T) {
    const int q = (int)blockIdx.y * BN - PW - 1 + i, row = q / PW, x = q - row * PW, n = row / HP, y = row - n * HP;
    const bool there = q >= 0 && x < p.W && y < p.H && n < images;
    table[i] = there ? (n * p.H + y) * p.W + x : -1;
    if (!there)
      for (int b = 0; b < p.buffers * 4; b++) *(uint4*)(shared + tablesize + BN * STAGE + b * plane + i * 16) = make_uint4(0, 0, 0, 0);
  }
  __syncthreads();
  PDL_WAIT;

  auto load = [&](int c) {
    if (c > last || c * 64 + (tid & 3) * 16 >= p.C) return;       // channels that only the weights have, as zeros: any level will do
    const i8* from = p.x + c * 64 + (tid & 3) * 16;
    const u32 to = lines + ((c & 3) * 4 + (tid & 3)) * plane;
    for (int i = tid >> 2; i < pixels; i += T / 4) {
      const int o = table[i];
      if (o >= 0) copy16<0>(to + i * 16, from + o * p.C, 16);
    }
  };
  auto load_ahead = [&](int c) {
    load(c + DEPTH);
    if (c == 0 && p.residual)
      for (int i = tid; i < BN * CHUNKS; i += T) {
        const int o = table[i / CHUNKS + PW + 1], from = block * 64 + i % CHUNKS * 16;
        if (o >= 0 && from < p.K) copy16<0>(stage + i / CHUNKS * STAGE + i % CHUNKS * 16, p.residual + (size_t)o * p.K + from, 16);
      }
    COPY_COMMIT;
  };
  #pragma unroll
  for (int i = 0; i < DEPTH; i++) {
    load(i);
    COPY_COMMIT;
  }
  int acc[WN / 8][4];
  for (int c = 0; c <= last; c++) {
    COPY_WAIT(DEPTH - 1);
    FENCE_ASYNC;
    __syncthreads();       // these 64 channels are there for all, and all have done with those before the last, where the next but one go
    if (EARLY) load_ahead(c);
    const u32 line = lines + (c & 3) * 4 * plane + wn * WN * 16;
    #pragma unroll
    for (int first = 0; first < 9; first += GROUP) {
      pin(acc);
      WARPGROUP_FENCE;
      #pragma unroll
      for (int t = first; t < first + GROUP; t++) {
        const Rows<SP>& f = A[t % RING];
        const u32 at = line + (t / 3 * PW + t % 3) * 16;
        const int add = t > 0 || c > 0;
        if (SP) warpgroup_sparse(acc, f.a[0], f.e, descriptor(at, plane), add);
        else {
          warpgroup_dense(acc, f.a[0], descriptor(at, plane), add);
          warpgroup_dense(acc, f.a[SP ? 0 : 1], descriptor(at + 2 * plane, plane), 1);
        }
      }
      WARPGROUP_COMMIT;
      if (!EARLY && first == 0) load_ahead(c);
      WARPGROUP_WAIT(1);       // for the group before, whose weights make room
      pin(acc);
      #pragma unroll
      for (int t = first + RING - GROUP; t < first + RING; t++) {
        const int offset = t < 9 ? t * tapstep : c < last ? ABLOCK + (t - 9) * tapstep : 0;
        load_rows<SP>(A[t % RING], values + offset, metadata + offset);
      }
    }
    values += ABLOCK;
    metadata += ABLOCK;
  }
  WARPGROUP_WAIT(0);
  pin(acc);
  COPY_WAIT(0);
  __syncthreads();

  levels_to_rows<WN, STAGE>(p, acc, alpha, bias, stage + (wn * WN + lane) * STAGE + channel);
  __syncthreads();
  for (int i = tid; i < BN * CHUNKS; i += T) {
    const int o = table[i / CHUNKS + PW + 1], to = block * 64 + i % CHUNKS * 16;
    if (o >= 0 && to < p.K) *(uint4*)(p.y + (size_t)o * p.K + to) = *(const uint4*)(shared + tablesize + i / CHUNKS * STAGE + i % CHUNKS * 16);
  }
}
#define WARPGROUP(SP, BM, BN, WN, RING, MINB) \
extern "C" __global__ void __launch_bounds__(2 * BM * (BN / WN), MINB) conv(const __grid_constant__ ConvParameters p) { warpgroup_body<SP, BM, BN, WN, RING>(p); }
