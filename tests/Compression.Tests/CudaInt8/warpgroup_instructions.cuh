// What Kernels/warpgroup_instructions.cuh is on a GPU, on the processor. A multiplication is done at once, so that nothing has to be waited for.
typedef uint64_t u64;

#define WARPGROUP_FENCE
#define WARPGROUP_COMMIT
#define WARPGROUP_WAIT(n)
#define FENCE_ASYNC
template<int N> static void pin(int (&c)[N][4]) {}
static void pin(u32&) {}
static void pin(uint4&) {}

// As the GPU reads it: 14 bits each, in units of 16 bytes.
static u64 descriptor(u32 address, u32 plane) { return (u64)(address >> 4 & 0x3fff) | (u64)(plane >> 4 & 0x3fff) << 16 | (u64)(128 >> 4) << 32; }
static int activation(u64 b, int k, int pixel) {
  const u32 start = (u32)(b & 0x3fff) << 4, plane = (u32)(b >> 16 & 0x3fff) << 4, eight = (u32)(b >> 32 & 0x3fff) << 4;
  return (i8)fiber->block->shared[start + k / 16 * plane + pixel / 8 * eight + pixel % 8 * 16 + k % 16];
}

template<int N> static void warpgroup_dense(int (&c)[N][4], uint4 a, u64 b, int add) {
  const Operands* all = of_warpgroup({a.x, a.y, a.z, a.w}) + fiber->thread.x % 128 / 32 * 32;
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int n = 0; n < N; n++)
    for (int i = 0; i < 4; i++) {
      if (!add) c[n][i] = 0;
      for (int k = 0; k < 32; k++) c[n][i] += byte_at(all[g * 4 + k % 16 / 4].values[i / 2 + k / 16 * 2], k % 4) * activation(b, k, n * 8 + 2 * t + i % 2);
    }
}
template<int N> static void warpgroup_sparse(int (&c)[N][4], uint4 a, u32 metadata, u64 b, int add) {
  const Operands* all = of_warpgroup({a.x, a.y, a.z, a.w, metadata}) + fiber->thread.x % 128 / 32 * 32;
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int n = 0; n < N; n++)
    for (int i = 0; i < 4; i++) {
      if (!add) c[n][i] = 0;
      for (int kept = 0; kept < 32; kept++) {
        const int four = kept / 2, place = all[g * 4 + four / 8 * 2 + i / 2].values[4] >> (four % 8 * 4 + kept % 2 * 2) & 3;
        c[n][i] += byte_at(all[g * 4 + kept % 16 / 4].values[i / 2 + kept / 16 * 2], kept % 4) * activation(b, four * 4 + place, n * 8 + 2 * t + i % 2);
      }
    }
}

static void load_columns(u32 (&r)[4], u32 address) {
  const Operands* all = of_warp({address});
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int m = 0; m < 4; m++)
    for (int j = 0; j < 2; j++) memcpy((u8*)&r[m] + j * 2, fiber->block->shared + all[m * 8 + 2 * t + j].values[0] + g * 2, 2);
}
static void store_columns(u32 address, const u32 (&r)[4]) {
  const Operands* all = of_warp({address});
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int m = 0; m < 4; m++)
    for (int j = 0; j < 2; j++) memcpy(fiber->block->shared + all[m * 8 + 2 * t + j].values[0] + g * 2, (const u8*)&r[m] + j * 2, 2);
}
