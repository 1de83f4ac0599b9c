// 224x224 images of three channels to levels, 7x7 convolution with stride 2 to 64 channels, ReLU, 3x3 max pool with stride 2: [N, 56, 56, 64]. A block makes ROWS pooled
// rows, or of few images one of PARTS stretches of them.
// Weights [7 rows of taps][4 row tiles][32 lanes][16 bytes] stay in registers: K is a row of 8 taps of 4 channels, the last of each zero. 8 warps = 2 halves of the channels x 4 groups of pixels.
template<int HALF>
__device__ __forceinline__ void stem_pixels(const void* x, int n, int iy, int j, float f[24]) {
  if (HALF) {             // float16 [N, H, W, 3]: 48 bytes are 8 pixels
    const uint4* q = (const uint4*)((const u16*)x + ((size_t)(n * 224 + iy) * 224 + j * 8) * 3);
    uint4 v[3] = {q[0], q[1], q[2]};
    const u32 h[12] = {v[0].x, v[0].y, v[0].z, v[0].w, v[1].x, v[1].y, v[1].z, v[1].w, v[2].x, v[2].y, v[2].z, v[2].w};
    #pragma unroll
    for (int i = 0; i < 24; i++) f[i] = float_of((u16)(h[i >> 1] >> ((i & 1) * 16)));
  } else {                // float32 [N, 3, H, W]
    #pragma unroll
    for (int c = 0; c < 3; c++) {
      const float4* q = (const float4*)((const float*)x + ((size_t)(n * 3 + c) * 224 + iy) * 224 + j * 8);
      const float4 a = q[0], b = q[1];
      f[c] = a.x; f[3 + c] = a.y; f[6 + c] = a.z; f[9 + c] = a.w;
      f[12 + c] = b.x; f[15 + c] = b.y; f[18 + c] = b.z; f[21 + c] = b.w;
    }
  }
}

struct StemParameters { const void* x; const u8* w; const float* alpha; const float* bias; i8* y; float inverse, high; };
static_assert(sizeof(StemParameters) == 48, "Execution/KernelParameters.cs has another layout");

template<int ROWS, int HALF, int PARTS>
__device__ __forceinline__ void stem_body(const StemParameters& p) {
  constexpr int CR = 2 * ROWS + 1, IR = 4 * ROWS + 7, T = 256, PIXEL = 80, WIDTH = 56 / PARTS;
  DYNAMIC_SHARED(shared);
  u32* image = (u32*)shared;                       // [IR][232] pixels of 4 channels, 4 pixels of border to the left
  u8* rows = shared + ((IR * 928 + 127) & ~127);   // [CR][112] pixels of 64 channels
  PDL_LAUNCH;
  const int tid = threadIdx.x, lane = tid & 31, warp = tid >> 5, g = lane >> 2, t = lane & 3, half = warp & 1, group = warp >> 1;
  const int n = blockIdx.y, part = blockIdx.x % PARTS, py0 = blockIdx.x / PARTS * ROWS, r0 = 2 * py0 - 1, iy0 = 2 * r0 - 3;
  // Convolved pixels in tiles of eight, and the image's pixels in groups of eight, that the stretch needs.
  const int px0 = part * WIDTH, c0 = max(2 * px0 - 1, 0) / 8, columns = (2 * (px0 + WIDTH) - 1) / 8 - c0 + 1, tiles = CR * columns;
  const int j0 = max(2 * c0 - 1, 0), groups = min(2 * (c0 + columns), 27) - j0 + 1;
  uint4 a[7][2];
  #pragma unroll
  for (int kh = 0; kh < 7; kh++)
    #pragma unroll
    for (int m = 0; m < 2; m++) a[kh][m] = __ldg((const uint4*)(p.w + (kh * 4 + half * 2 + m) * 512 + lane * 16));
  const float4 al = __ldg((const float4*)(p.alpha + g * 8 + half * 4)), bi = __ldg((const float4*)(p.bias + g * 8 + half * 4));
  PDL_WAIT;
  for (int i = tid; i < IR * groups; i += T) {
    const int rr = i / groups, j = j0 + i - rr * groups, iy = iy0 + rr;
    u32 o[8] = {0, 0, 0, 0, 0, 0, 0, 0};
    if ((unsigned)iy < 224u) {
      float f[24];
      stem_pixels<HALF>(p.x, n, iy, j, f);
      #pragma unroll
      for (int k = 0; k < 8; k++) o[k] = levels4(f[k * 3] * p.inverse, f[k * 3 + 1] * p.inverse, f[k * 3 + 2] * p.inverse, 0.f, -128.f, 127.f);
    }
    uint4* d = (uint4*)(image + rr * 232 + 4 + j * 8);
    d[0] = make_uint4(o[0], o[1], o[2], o[3]);
    d[1] = make_uint4(o[4], o[5], o[6], o[7]);
  }
  for (int i = tid; i < IR * 2; i += T) *(uint4*)(image + (i >> 1) * 232 + (i & 1) * 228) = make_uint4(0, 0, 0, 0);
  __syncthreads();
  for (int t0 = group; t0 < tiles; t0 += 8) {
    int acc[2][2][4], row[2], col[2];
    bool ok[2];
    const u32* from[2];
    #pragma unroll
    for (int u = 0; u < 2; u++) {
      int tile = t0 + u * 4;
      ok[u] = tile < tiles;
      if (!ok[u]) tile = t0;
      row[u] = tile / columns;
      col[u] = c0 + tile - row[u] * columns;
      from[u] = image + row[u] * 2 * 232 + (col[u] * 8 + g) * 2 + t + 1;
      #pragma unroll
      for (int m = 0; m < 2; m++)
        #pragma unroll
        for (int c = 0; c < 4; c++) acc[u][m][c] = 0;
    }
    #pragma unroll
    for (int kh = 0; kh < 7; kh++)
      #pragma unroll
      for (int u = 0; u < 2; u++) {
        const u32 b0 = from[u][kh * 232], b1 = from[u][kh * 232 + 4];
        #pragma unroll
        for (int m = 0; m < 2; m++) mma_dense(acc[u][m], a[kh][m], b0, b1);
      }
    #pragma unroll
    for (int u = 0; u < 2; u++)
      if (ok[u])
        #pragma unroll
        for (int j = 0; j < 2; j++) {
          u32 r = levels4(fmaf((float)acc[u][0][j], al.x, bi.x), fmaf((float)acc[u][0][2 + j], al.y, bi.y),
                          fmaf((float)acc[u][1][j], al.z, bi.z), fmaf((float)acc[u][1][2 + j], al.w, bi.w), 0.f, p.high);
          if (r0 + row[u] < 0) r = 0;
          *(u32*)(rows + (row[u] * 112 + col[u] * 8 + 2 * t + j) * PIXEL + g * 8 + half * 4) = r;
        }
  }
  __syncthreads();
  for (int i = tid; i < ROWS * WIDTH * 4; i += T) {
    const int c = i & 3, q = i >> 2, pr = q / WIDTH, px = px0 + q - pr * WIDTH;
    uint4 m = make_uint4(0, 0, 0, 0);
    #pragma unroll
    for (int dy = 0; dy < 3; dy++)
      #pragma unroll
      for (int dx = -1; dx < 2; dx++) {
        const int xx = max(px * 2 + dx, 0);
        const uint4 v = *(const uint4*)(rows + ((2 * pr + dy) * 112 + xx) * PIXEL + c * 16);
        m.x = __vmaxs4(m.x, v.x); m.y = __vmaxs4(m.y, v.y); m.z = __vmaxs4(m.z, v.z); m.w = __vmaxs4(m.w, v.w);
      }
    *(uint4*)(p.y + ((size_t)(n * 56 + py0 + pr) * 56 + px) * 64 + c * 16) = m;
  }
}
#define STEM(ROWS, HALF, PARTS) \
extern "C" __global__ void __launch_bounds__(256, 2) stem(const __grid_constant__ StemParameters p) { stem_body<ROWS, HALF, PARTS>(p); }
