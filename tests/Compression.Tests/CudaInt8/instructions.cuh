// What Kernels/instructions.cuh is on a GPU, on the processor: every thread of a block, or of a cluster of blocks, is a fiber, and whatever a warp, a block or a cluster does together is a place where
// fibers wait for one another. Slow, and exact: the other files of the kernels run here as they are.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <vector>
#include <ucontext.h>

typedef signed char i8;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
struct alignas(16) uint4 { u32 x, y, z, w; };
struct alignas(8) uint2 { u32 x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
static uint4 make_uint4(u32 x, u32 y, u32 z, u32 w) { return {x, y, z, w}; }
static int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
static uint2 make_uint2(u32 x, u32 y) { return {x, y}; }
using std::max;
using std::min;

#define __device__
#define __global__
#define __forceinline__ inline
#define __grid_constant__
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __shared__ static        // blocks run one after the other, but for those of a cluster, which use dynamic shared memory alone
#define DYNAMIC_SHARED(name) u8* name = fiber->block->shared

struct Index { u32 x, y, z; };
struct Meeting { int arrived = 0, turn = 0; };
struct Operands { u32 values[12]; };
template<int N> struct Together { Meeting meeting; Operands operands[2][N]; };
struct Block { Index index; u8* shared; Meeting meeting; std::vector<Together<32>> warps; std::vector<Together<128>> warpgroups; };
struct Fiber { ucontext_t context; Block* block; Index thread; int turn; bool done; };
static Fiber* fiber;
static ucontext_t scheduler;
static Index grid, threads;
static std::vector<Block>* cluster;
static Meeting clusterMeeting;
static std::function<void()> body;
#define threadIdx (fiber->thread)
#define blockIdx (fiber->block->index)
#define gridDim grid
#define blockDim threads

static void others() { swapcontext(&fiber->context, &scheduler); }
static int arrive(Meeting& meeting, int expected) {
  const int turn = meeting.turn;
  if (++meeting.arrived == expected) {
    meeting.arrived = 0;
    meeting.turn++;
  }
  return turn;
}
static void await(const Meeting& meeting, int turn) {
  while (meeting.turn == turn) others();
}
static void __syncthreads() { await(fiber->block->meeting, arrive(fiber->block->meeting, threads.x)); }
#define CLUSTER_ARRIVE (void)(fiber->turn = arrive(clusterMeeting, (int)(cluster->size() * threads.x)))
#define CLUSTER_ARRIVE_RELAXED CLUSTER_ARRIVE
#define CLUSTER_WAIT await(clusterMeeting, fiber->turn)
// The operands of all N threads, once all have come; those of the next call lie elsewhere, so that nobody overwrites what another still reads.
template<int N> static const Operands* gather(std::vector<Together<N>>& all, const Operands& mine) {
  Together<N>& mates = all[fiber->thread.x / N];
  const int turn = mates.meeting.turn;
  mates.operands[turn & 1][fiber->thread.x % N] = mine;
  await(mates.meeting, arrive(mates.meeting, N));
  return mates.operands[turn & 1];
}
static const Operands* of_warp(const Operands& mine) { return gather(fiber->block->warps, mine); }
static const Operands* of_warpgroup(const Operands& mine) { return gather(fiber->block->warpgroups, mine); }

#define PDL_LAUNCH
#define PDL_WAIT
#define COPY_COMMIT
#define COPY_WAIT(n)
template<class T> static T __ldg(const T* p) { return *p; }
template<class T> static T __ldcg(const T* p) { return *p; }
template<class T> static void __stcg(T* p, T v) { *p = v; }
static void __threadfence() {}
static int atomicAdd(int* p, int v) { const int before = *p; *p += v; return before; }
static u32 __float_as_uint(float f) { u32 u; memcpy(&u, &f, 4); return u; }
static u32 __byte_perm(u32 a, u32 b, u32 selector) {
  const uint64_t both = (uint64_t)b << 32 | a;
  u32 r = 0;
  for (int i = 0; i < 4; i++) r |= (u32)(both >> (selector >> i * 4 & 7) * 8 & 255) << i * 8;
  return r;
}
static int __float2int_rn(float f) { return (int)std::nearbyint(f); }
static int byte_at(u32 word, int i) { return (i8)(word >> i * 8); }
static int dot4(int a, int b, int sum) {
  for (int i = 0; i < 4; i++) sum += byte_at(a, i) * byte_at(b, i);
  return sum;
}

static u32 shared_address(const void* p) { return (u32)((const u8*)p - fiber->block->shared); }
static void store_cluster(u32 address, int rank, int4 v) { memcpy((*cluster)[rank].shared + address, &v, 16); }
template<int CA> static void copy16(u32 to, const void* from, int size) {
  if (size > 0) memcpy(fiber->block->shared + to, from, 16);
  else memset(fiber->block->shared + to, 0, 16);
}
static uint4 load16_or_zero(const i8* from, bool there) {
  uint4 r = {0, 0, 0, 0};
  if (there) memcpy(&r, from, 16);
  return r;
}
static uint2 load8(const void* p) { uint2 r; memcpy(&r, p, 8); return r; }
static void prefetch(const void*) {}
static float float_of(u16 half) { _Float16 f; memcpy(&f, &half, 2); return (float)f; }
static void load_matrix(u32 (&r)[4], u32 address) {
  const Operands* all = of_warp({address});
  const int lane = fiber->thread.x % 32;
  for (int i = 0; i < 4; i++) memcpy(&r[i], fiber->block->shared + all[i * 8 + lane / 4].values[0] + lane % 4 * 4, 4);
}

// PTX ISA, fragments of mma.m16n8k32 and of mma.sp.m16n8k64 for 8-bit integers: lane 4g + t.
static void mma_dense(int (&c)[4], uint4 a, u32 b0, u32 b1) {
  const Operands* all = of_warp({a.x, a.y, a.z, a.w, b0, b1});
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < 8; k++) c[i] = dot4(all[g * 4 + k % 4].values[i / 2 + k / 4 * 2], all[(2 * t + i % 2) * 4 + k % 4].values[4 + k / 4], c[i]);
}
static void mma_sparse(int (&c)[4], uint4 a, const u32 (&b)[4], u32 metadata) {
  const Operands* all = of_warp({a.x, a.y, a.z, a.w, b[0], b[1], b[2], b[3], metadata});
  const int g = fiber->thread.x % 32 / 4, t = fiber->thread.x % 4;
  for (int i = 0; i < 4; i++)
    for (int kept = 0; kept < 32; kept++) {
      const int four = kept / 2, place = all[g * 4 + four / 8 * 2 + i / 2].values[8] >> (four % 8 * 4 + kept % 2 * 2) & 3, k = four * 4 + place;
      c[i] += byte_at(all[g * 4 + kept % 16 / 4].values[i / 2 + kept / 16 * 2], kept % 4) * byte_at(all[(2 * t + i % 2) * 4 + k % 16 / 4].values[4 + k / 16], k % 4);
    }
}

static void begin() {
  body();
  fiber->done = true;
  others();
}
// Runs a kernel. Returns 0; 1 where a block wrote behind its shared memory; 2 where threads wait for others that never come.
static int launch(Index blocks, int threadsOfBlock, int sharedBytes, int blocksOfCluster, std::function<void()> kernel) {
  constexpr int Guard = 512, Stack = 64 << 10;
  grid = blocks;
  threads = {(u32)threadsOfBlock, 1, 1};
  body = kernel;
  std::vector<std::unique_ptr<u8[]>> stacks;
  for (int i = 0; i < blocksOfCluster * threadsOfBlock; i++) stacks.emplace_back(new u8[Stack]);
  for (u32 y = 0; y < blocks.y; y++)
    for (u32 x = 0; x < blocks.x; x++)
      for (u32 z = 0; z < blocks.z; z += blocksOfCluster) {
        std::vector<Block> together(blocksOfCluster);
        std::vector<Fiber> fibers(blocksOfCluster * threadsOfBlock);
        cluster = &together;
        clusterMeeting = Meeting();
        for (int i = 0; i < (int)fibers.size(); i++) {
          Block& block = together[i / threadsOfBlock];
          if (i % threadsOfBlock == 0) {
            block.index = {x, y, z + i / threadsOfBlock};
            block.warps.resize((threadsOfBlock + 31) / 32);
            block.warpgroups.resize((threadsOfBlock + 127) / 128);
            block.shared = (u8*)aligned_alloc(128, (sharedBytes + Guard + 127) & ~127);
            memset(block.shared, 0x5a, sharedBytes + Guard);
          }
          fibers[i].block = &block;
          fibers[i].thread = {(u32)(i % threadsOfBlock), 0, 0};
          fibers[i].done = false;
          getcontext(&fibers[i].context);
          fibers[i].context.uc_stack.ss_sp = stacks[i].get();
          fibers[i].context.uc_stack.ss_size = Stack;
          fibers[i].context.uc_link = nullptr;
          makecontext(&fibers[i].context, begin, 0);
        }
        int fault = 0;
        long rounds = 0;
        for (size_t left = fibers.size(); left > 0 && fault == 0;) {
          for (Fiber& each : fibers)
            if (!each.done) {
              fiber = &each;
              swapcontext(&scheduler, &each.context);
              left -= each.done;
            }
          if (++rounds > 200000) fault = 2;
        }
        for (Block& block : together) {
          for (int i = 0; i < Guard; i++)
            if (block.shared[sharedBytes + i] != 0x5a) fault = 1;
          free(block.shared);
        }
        if (fault) return fault;
      }
  return 0;
}
