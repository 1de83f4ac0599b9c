// Convolution for few pixels, where a kernel is latency: everything that does not depend on the kernel before happens before the wait for it, and little is left behind.
// A block makes 64 channels of BN pixels. K is shared out twice: to the blocks of a cluster (splits of them, along z), and in a block to WK warps. A warp holds its weights of up to STEPS steps in
// registers before it waits; then each lane reads its 16 bytes of activations straight into the registers of the instruction, for which K is permuted within 64 channels when weights are packed
// (WeightBlocks.ForDirect). Sums meet in shared memory, first the warps', then the blocks', each of which finishes its share of the pixels.
template<int SP, int NT, int WN, int WK, int STEPS>
__device__ __forceinline__ void direct_body(const ConvParameters& p, int block) {
  constexpr int WARPS = WN * WK, TILES = NT * WN, OWN = (TILES + WARPS - 1) / WARPS, ABLOCK = block_bytes<SP>();
  DYNAMIC_SHARED(shared);
  PDL_LAUNCH;
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, wn = warp % WN, wk = warp / WN, g = lane >> 2, t = lane & 3;
  const int p0 = blockIdx.y * TILES * 8, rank = blockIdx.z, c0 = block * 64 + g * 8;
  if (p.splits > 1) CLUSTER_ARRIVE_RELAXED;
  const int k1 = p.kblocks * (rank + 1) / p.splits;
  int k = p.kblocks * rank / p.splits + wk;

  const u8* weights = p.w + (size_t)block * p.kblocks * ABLOCK + lane * 16;
  Fragment<SP> A[STEPS];
  #pragma unroll
  for (int j = 0; j < STEPS; j++)
    if (k + j * WK < k1) load_weights<SP>(A[j], weights + (k + j * WK) * ABLOCK);

  // Where the window of each of the lane's pixels begins, and which of its taps lie in the image.
  const int ohw = p.OH * p.OW;
  int base[NT];
  u32 inside[NT];
  #pragma unroll
  for (int n = 0; n < NT; n++) {
    const int pixel = p0 + (wn * NT + n) * 8 + g;
    const int q = min(pixel, p.P - 1), image = q / ohw, r = q - image * ohw, oy = r / p.OW, ox = r - oy * p.OW;
    const int iy = oy * p.stride - p.pad, ix = ox * p.stride - p.pad;
    base[n] = ((image * p.H + iy) * p.W + ix) * p.C + t * 16;
    u32 mask = 0;
    int kh = 0, kw = 0;
    for (int tap = 0; tap < p.taps; tap++) {
      if ((unsigned)(iy + kh) < (unsigned)p.H && (unsigned)(ix + kw) < (unsigned)p.W) mask |= 1u << tap;
      if (++kw == p.S) { kw = 0; kh++; }
    }
    inside[n] = pixel < p.P ? mask : 0;
  }
  int offset[STEPS];
  u32 bit[STEPS];
  auto places = [&](int first) {
    #pragma unroll
    for (int j = 0; j < STEPS; j++) {
      const int step = first + j * WK, tap = step / p.cblocks, c = (step - tap * p.cblocks) * 64, kh = tap / p.S;
      offset[j] = (kh * p.W + tap - kh * p.S) * p.C + c;
      bit[j] = step < k1 && c + t * 16 < p.C ? 1u << tap : 0;
    }
  };
  places(k);

  // The pixels that this warp finishes: tiles of eight, warp + i * WARPS of those that the block finishes, which are every splits-th of the tile's.
  const bool alone = WK == 1 && p.splits == 1;
  int tile[OWN];
  #pragma unroll
  for (int i = 0; i < OWN; i++) tile[i] = alone ? warp * NT + i : (warp + i * WARPS) * p.splits + rank;
  const bool finishes = c0 < p.K;       // other channels only the weights have
  const Scaling scaling = scaling_of(p, c0);
  int acc[4][NT][4];
  clear<NT>(acc);
  PDL_WAIT;

  uint2 residual[OWN][2];
  if (p.residual && finishes) {
    #pragma unroll
    for (int i = 0; i < OWN; i++)
      #pragma unroll
      for (int j = 0; j < 2; j++) residual[i][j] = tile[i] < TILES ? residual_of(p, p0 + tile[i] * 8 + 2 * t + j, c0) : make_uint2(0, 0);
  }
  while (k < k1) {
    uint4 B[STEPS][NT];
    #pragma unroll
    for (int j = 0; j < STEPS; j++)
      #pragma unroll
      for (int n = 0; n < NT; n++) B[j][n] = load16_or_zero(p.x + (base[n] + offset[j]), (inside[n] & bit[j]) != 0);
    const int next = k + WK * STEPS;
    if (next < k1) places(next);
    #pragma unroll
    for (int j = 0; j < STEPS; j++)
      if (k + j * WK < k1) {
        #pragma unroll
        for (int n = 0; n < NT; n++) {
          const u32 b[4] = {B[j][n].x, B[j][n].y, B[j][n].z, B[j][n].w};
          multiply<SP, NT>(acc, n, A[j], b);
        }
        if (next + j * WK < k1) load_weights<SP>(A[j], weights + (next + j * WK) * ABLOCK);
      }
    k = next;
  }
  int4 sums[OWN][4];
  if (WK > 1) {                 // the warps of the block
    int4* all = (int4*)shared;  // [WK][TILES][4][32]
    #pragma unroll
    for (int n = 0; n < NT; n++)
      #pragma unroll
      for (int m = 0; m < 4; m++) all[((wk * TILES + wn * NT + n) * 4 + m) * 32 + lane] = make_int4(acc[m][n][0], acc[m][n][1], acc[m][n][2], acc[m][n][3]);
    __syncthreads();
    #pragma unroll
    for (int i = 0; i < OWN; i++)
      #pragma unroll
      for (int m = 0; m < 4; m++) {
        int4 sum = make_int4(0, 0, 0, 0);
        const int n = warp + i * WARPS;
        if (n < TILES) {
          #pragma unroll
          for (int w = 0; w < WK; w++) add(sum, all[((w * TILES + n) * 4 + m) * 32 + lane]);
        }
        sums[i][m] = sum;
      }
  } else {
    #pragma unroll
    for (int i = 0; i < OWN; i++)
      #pragma unroll
      for (int m = 0; m < 4; m++) sums[i][m] = make_int4(acc[m][i][0], acc[m][i][1], acc[m][i][2], acc[m][i][3]);
  }
  if (p.splits > 1) {           // the blocks of the cluster: tile n is finished by block n % splits
    int4* gathered = (int4*)(shared + (WK > 1 ? WK * TILES * 2048 : 0));     // [TILES / splits, rounded up][splits][4][32]
    const u32 at = shared_address(gathered) + lane * 16;
    CLUSTER_WAIT;               // the others have begun, so their shared memory is there
    #pragma unroll
    for (int i = 0; i < OWN; i++) {
      const int n = WK > 1 ? warp + i * WARPS : warp * NT + i;
      if (n < TILES) {
        const int owner = n % p.splits, own = n / p.splits;
        #pragma unroll
        for (int m = 0; m < 4; m++) store_cluster(at + ((own * p.splits + rank) * 4 + m) * 512, owner, sums[i][m]);
      }
    }
    CLUSTER_ARRIVE;
    CLUSTER_WAIT;
    #pragma unroll
    for (int i = 0; i < OWN; i++)
      if (tile[i] < TILES) {
        const int4* from = gathered + (warp + i * WARPS) * p.splits * 128 + lane;
        #pragma unroll
        for (int m = 0; m < 4; m++) sums[i][m] = from[m * 32];
        for (int z = 1; z < p.splits; z++)
          #pragma unroll
          for (int m = 0; m < 4; m++) add(sums[i][m], from[(z * 4 + m) * 32]);
      }
  }
  if (!finishes) return;
  #pragma unroll
  for (int i = 0; i < OWN; i++)
    if (tile[i] < TILES) {
      const int4(&s)[4] = sums[i];
      const int first[8] = {s[0].x, s[0].z, s[1].x, s[1].z, s[2].x, s[2].z, s[3].x, s[3].z}, second[8] = {s[0].y, s[0].w, s[1].y, s[1].w, s[2].y, s[2].w, s[3].y, s[3].w};
      store_pixel(p, scaling, first, residual[i][0], p0 + tile[i] * 8 + 2 * t, c0);
      store_pixel(p, scaling, second, residual[i][1], p0 + tile[i] * 8 + 2 * t + 1, c0);
    }
}
#define DIRECT(SP, NT, WN, WK, STEPS, MINB) \
extern "C" __global__ void __launch_bounds__(32 * WN * WK, MINB) conv(const __grid_constant__ ConvParameters p) { direct_body<SP, NT, WN, WK, STEPS>(p, blockIdx.x); }

// Two convolutions of one input with equally many output pixels, such as the first of a residual block and the one beside it: the first blocks along x make the one, the others the other.
struct TwinParameters { ConvParameters of[2]; int first, unused; };
static_assert(sizeof(TwinParameters) == 296, "Execution/KernelParameters.cs has another layout");
#define TWIN(SP, NT, WN, WK, STEPS, MINB) \
extern "C" __global__ void __launch_bounds__(32 * WN * WK, MINB) twin(const __grid_constant__ TwinParameters p) { \
  const int second = (int)blockIdx.x >= p.first; \
  direct_body<SP, NT, WN, WK, STEPS>(p.of[second], (int)blockIdx.x - second * p.first); \
}
