// The halo kernel for many tiles: a block walks over tiles, and loads the rows of its next piece (64 channels of a tile) while it multiplies the present one, so that neither launch nor first load nor
// store of a tile stops the multiplications. 3x3, stride 1, padding 1.
template<int SP, int BM, int BN, int WN, int AHEAD>
__device__ __forceinline__ void stream_body(const ConvParameters& p) {
  constexpr int WM_ = BM / 64, WN_ = BN / WN, T = 32 * WM_ * WN_, NT = WN / 8, ABLOCK = block_bytes<SP>(), PIXEL = 80;
  DYNAMIC_SHARED(shared);
  PDL_LAUNCH;
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, wm = warp % WM_, wn = warp / WM_, block = blockIdx.x * WM_;
  const int PW = p.W + 2, HP = p.H + 2, hw = p.H * p.W, tiles = (p.P + BN - 1) / BN, buffersize = p.halo * PIXEL;
  const u32 sb = shared_address(shared);
  const u8* weights = p.w + (size_t)(block + wm) * p.kblocks * ABLOCK + lane * 16;
  const int tapstep = p.cblocks * ABLOCK;
  Fragment<SP> A[AHEAD + 1];
  #pragma unroll
  for (int i = 0; i < AHEAD; i++) load_weights<SP>(A[i], weights + i * tapstep);

  // Rows are counted over all images, each with its padding. What lies in the padding is filled with zeros by the copy itself.
  auto load = [&](int tile, int c, int buffer) {
    if (c * 64 + (tid & 3) * 16 >= p.C) return;       // channels that only the weights have, as zeros: any level will do
    const int p0 = tile * BN, n0 = p0 / hw, y0 = (p0 - n0 * hw) / p.W;
    const int end = min(p0 + BN, p.P) - 1, n1 = end / hw, R1 = n1 * HP + (end - n1 * hw) / p.W + 2;
    const int pixels = (R1 - (n0 * HP + y0) + 1) * PW;
    int i = tid >> 2, n = n0, y = y0 + i / PW, cc = i % PW;
    while (y >= HP) { y -= HP; n++; }
    const i8* from = p.x + c * 64 + (tid & 3) * 16;
    u32 to = sb + buffer * buffersize + (tid & 3) * 16 + i * PIXEL;
    for (; i < pixels; i += T / 4, to += T / 4 * PIXEL) {
      const int iy = y - 1, ix = cc - 1;
      const bool ok = (unsigned)iy < (unsigned)p.H && (unsigned)ix < (unsigned)p.W;
      copy16<0>(to, ok ? from + ((n * p.H + iy) * p.W + ix) * p.C : p.x, ok ? 16 : 0);
      cc += T / 4;
      while (cc >= PW) {
        cc -= PW;
        if (++y == HP) { y = 0; n++; }
      }
    }
  };

  int tile = blockIdx.y, buffer = 0;
  PDL_WAIT;
  if (tile < tiles) load(tile, 0, 0);
  COPY_COMMIT;
  for (; tile < tiles; tile += gridDim.y) {
    const int p0 = tile * BN, n0 = p0 / hw, R0 = n0 * HP + (p0 - n0 * hw) / p.W;
    u32 at[NT];
    {
      int q = min(p0 + wn * WN + (lane & 7), p.P - 1), image = q / hw, oy = (q - image * hw) / p.W, ox = q - image * hw - oy * p.W;
      #pragma unroll
      for (int n = 0; n < NT; n++) {
        at[n] = sb + ((image * HP + oy - R0) * PW + ox) * PIXEL + (lane >> 3) * 16;
        q += 8;
        if (q < p.P) {          // beyond the last pixel any address will do: nothing is stored
          ox += 8;
          while (ox >= p.W) {
            ox -= p.W;
            if (++oy == p.H) { oy = 0; image++; }
          }
        } else q -= 8;
      }
    }
    int acc[4][NT][4];
    clear<NT>(acc);
    if (p.residual) prefetch_residual<T, BM, BN>(p, block, p0);
    for (int c = 0; c < p.cblocks; c++) {
      COPY_WAIT(0);
      __syncthreads();          // the piece is there for all, and nobody reads the other buffer any more
      const int next = c + 1 < p.cblocks ? c + 1 : 0, nexttile = next ? tile : tile + gridDim.y;
      if (nexttile < tiles) load(nexttile, next, buffer ^ 1);
      COPY_COMMIT;
      const u32 bo = buffer * buffersize;
      buffer ^= 1;
      #pragma unroll
      for (int kh = 0; kh < 3; kh++) {
        const u32 ro = bo + kh * PW * PIXEL;
        #pragma unroll
        for (int kw = 0; kw < 3; kw++) {
          const int t = kh * 3 + kw;
          load_weights<SP>(A[AHEAD], t + AHEAD < 9 ? weights + c * ABLOCK + (t + AHEAD) * tapstep : weights + next * ABLOCK + (t + AHEAD - 9) * tapstep);
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
    }
    finish<T, NT, WN>(p, acc, block, wm, wn, p0);
  }
}
#define STREAM(SP, BM, BN, WN, AHEAD, MINB) \
extern "C" __global__ void __launch_bounds__(32 * (BM / 64) * (BN / WN), MINB) conv(const __grid_constant__ ConvParameters p) { stream_body<SP, BM, BN, WN, AHEAD>(p); }
