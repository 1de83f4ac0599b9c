// The instructions by which four warps multiply together, of compute capability 9.0 alone (sm_90a); like instructions.cuh, replaced by the tests. PTX ISA, "Asynchronous warpgroup level matrix instructions".
typedef unsigned long long u64;

#define WARPGROUP_FENCE asm volatile("wgmma.fence.sync.aligned;" ::: "memory")
#define WARPGROUP_COMMIT asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory")
#define WARPGROUP_WAIT(n) asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(n) : "memory")
// What threads wrote to shared memory, for the instructions that read it on their own.
#define FENCE_ASYNC asm volatile("fence.proxy.async.shared::cta;" ::: "memory")

// Where activations lie in shared memory: 8 pixels of 16 values of K are 128 bytes in a row, as are those of the next pixels behind them; the next 16 values of K come plane bytes later.
__device__ __forceinline__ u64 descriptor(u32 address, u32 plane) { return (u64)(address >> 4 & 0x3fff) | (u64)(plane >> 4) << 16 | (u64)(128 >> 4) << 32; }

// sums (or, where add is 0, nothing) + weights of 64 rows by 32 or, of 2:4 weights, 64 values of K times activations of N pixels. A warp has the rows 16w to 16w + 15, its lanes hold weights and sums as
// in mma.m16n8k32 and mma.sp.m16n8k64. Runs until it is waited for; until then its registers are its own.
#define SUMS4(j) "+r"(c[j][0]), "+r"(c[j][1]), "+r"(c[j][2]), "+r"(c[j][3])
#define SUMS16(j) SUMS4(j), SUMS4(j + 1), SUMS4(j + 2), SUMS4(j + 3)
#define SUMS32(j) SUMS16(j), SUMS16(j + 4)
#define SUMS64(j) SUMS32(j), SUMS32(j + 8)
#define COMMA ,
#define EIGHT(a, b, c, d, e, f, g, h) "%" #a ",%" #b ",%" #c ",%" #d ",%" #e ",%" #f ",%" #g ",%" #h
#define FROM_0 EIGHT(0, 1, 2, 3, 4, 5, 6, 7) "," EIGHT(8, 9, 10, 11, 12, 13, 14, 15) "," EIGHT(16, 17, 18, 19, 20, 21, 22, 23) "," EIGHT(24, 25, 26, 27, 28, 29, 30, 31)
#define FROM_32 EIGHT(32, 33, 34, 35, 36, 37, 38, 39) "," EIGHT(40, 41, 42, 43, 44, 45, 46, 47)
#define FROM_48 EIGHT(48, 49, 50, 51, 52, 53, 54, 55) "," EIGHT(56, 57, 58, 59, 60, 61, 62, 63)
#define FROM_64 EIGHT(64, 65, 66, 67, 68, 69, 70, 71) "," EIGHT(72, 73, 74, 75, 76, 77, 78, 79) "," EIGHT(80, 81, 82, 83, 84, 85, 86, 87) "," EIGHT(88, 89, 90, 91, 92, 93, 94, 95)
#define FROM_96 \
  EIGHT(96, 97, 98, 99, 100, 101, 102, 103) "," EIGHT(104, 105, 106, 107, 108, 109, 110, 111) "," EIGHT(112, 113, 114, 115, 116, 117, 118, 119) "," EIGHT(120, 121, 122, 123, 124, 125, 126, 127)
#define MULTIPLY(N, SUMS, PLACES, A, B, C, D, E, F, G) \
__device__ __forceinline__ void warpgroup_dense(int (&c)[N / 8][4], uint4 a, u64 b, int add) { \
  asm volatile("{.reg .pred p;setp.ne.b32 p,%" #F ",0;\nwgmma.mma_async.sync.aligned.m64n" #N "k32.s32.s8.s8 {" PLACES "},{%" #A ",%" #B ",%" #C ",%" #D "},%" #E ",p;}\n" \
    : SUMS : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "l"(b), "r"(add)); \
} \
__device__ __forceinline__ void warpgroup_sparse(int (&c)[N / 8][4], uint4 a, u32 metadata, u64 b, int add) { \
  asm volatile("{.reg .pred p;setp.ne.b32 p,%" #G ",0;\nwgmma.mma_async.sp.sync.aligned.m64n" #N "k64.s32.s8.s8 {" PLACES "},{%" #A ",%" #B ",%" #C ",%" #D "},%" #E ",%" #F ",0,p;}\n" \
    : SUMS : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "l"(b), "r"(metadata), "r"(add)); \
}
MULTIPLY(64, SUMS32(0), FROM_0, 32, 33, 34, 35, 36, 37, 38)
MULTIPLY(128, SUMS64(0), FROM_0 "," FROM_32 "," FROM_48, 64, 65, 66, 67, 68, 69, 70)
MULTIPLY(256, SUMS64(0) COMMA SUMS64(16), FROM_0 "," FROM_32 "," FROM_48 "," FROM_64 "," FROM_96, 128, 129, 130, 131, 132, 133, 134)

// The compiler moves nothing that makes or uses sums across this place; it would then run the multiplications one after the other.
template<int N> __device__ __forceinline__ void pin(int (&c)[N][4]) {
  #pragma unroll
  for (int i = 0; i < N; i++) asm volatile("" : "+r"(c[i][0]), "+r"(c[i][1]), "+r"(c[i][2]), "+r"(c[i][3])::"memory");
}
__device__ __forceinline__ void pin(u32& r) { asm volatile("" : "+r"(r)::"memory"); }
__device__ __forceinline__ void pin(uint4& r) { asm volatile("" : "+r"(r.x), "+r"(r.y), "+r"(r.z), "+r"(r.w)::"memory"); }

// Four 8x8 matrices of two bytes; a lane names a row of 16 bytes, and lane 4g + t holds of each matrix column g of rows 2t and 2t + 1.
__device__ __forceinline__ void load_columns(u32 (&r)[4], u32 address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3},[%4];\n" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address) : "memory");
}
__device__ __forceinline__ void store_columns(u32 address, const u32 (&r)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.trans.shared.b16 [%0],{%1,%2,%3,%4};\n" ::"r"(address), "r"(r[0]), "r"(r[1]), "r"(r[2]), "r"(r[3]) : "memory");
}
