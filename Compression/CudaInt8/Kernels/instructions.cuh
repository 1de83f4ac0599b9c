// Everything that only a GPU can do, and nothing else: the tests replace this file by one that does the same on the processor, and run the other files there. No includes, so that NVRTC needs no folder
// of headers.
typedef signed char i8;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;

// The shared memory that a launch asks for.
#define DYNAMIC_SHARED(name) extern __shared__ __align__(128) u8 name[]

// Programmatic dependent launch: a kernel's prologue overlaps the kernel before it. Every kernel waits before it touches activations, so its end implies the end of all before it.
#if __CUDA_ARCH__ >= 900
#define PDL_LAUNCH asm volatile("griddepcontrol.launch_dependents;")
#define PDL_WAIT asm volatile("griddepcontrol.wait;" ::: "memory")
#else
#define PDL_LAUNCH
#define PDL_WAIT
#endif

// CUDA 12.5 renamed the form of mma.sp whose metadata must be in ascending order; ours is.
#if defined(__CUDACC_VER_MAJOR__) && (__CUDACC_VER_MAJOR__ * 100 + __CUDACC_VER_MINOR__ >= 1205)
#define MMA_SPARSE "mma.sp::ordered_metadata"
#else
#define MMA_SPARSE "mma.sp"
#endif

// Blocks of a cluster meet and write to one another's shared memory; from compute capability 9.0 on, and kernels that need it are not asked for before.
#if __CUDA_ARCH__ >= 900
#define CLUSTER_ARRIVE_RELAXED asm volatile("barrier.cluster.arrive.relaxed.aligned;")
#define CLUSTER_ARRIVE asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory")
#define CLUSTER_WAIT asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory")
// To the place in block rank's shared memory that address has in the caller's.
__device__ __forceinline__ void store_cluster(u32 address, int rank, int4 v) {
  u32 there;
  asm("mapa.shared::cluster.u32 %0,%1,%2;" : "=r"(there) : "r"(address), "r"(rank));
  asm volatile("st.shared::cluster.v4.u32 [%0],{%1,%2,%3,%4};" ::"r"(there), "r"(v.x), "r"(v.y), "r"(v.z), "r"(v.w) : "memory");
}
#else
#define CLUSTER_ARRIVE_RELAXED
#define CLUSTER_ARRIVE
#define CLUSTER_WAIT
__device__ __forceinline__ void store_cluster(u32, int, int4) {}
#endif

__device__ __forceinline__ u32 shared_address(const void* p) { return (u32)__cvta_generic_to_shared(p); }

// 16 bytes from global to shared memory; zeros where size is 0. CA: through L1.
template<int CA> __device__ __forceinline__ void copy16(u32 to, const void* from, int size) {
  if (CA) asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;\n" ::"r"(to), "l"(from), "r"(size));
  else asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(to), "l"(from), "r"(size));
}
#define COPY_COMMIT asm volatile("cp.async.commit_group;\n")
#define COPY_WAIT(n) asm volatile("cp.async.wait_group %0;\n" ::"n"(n))

__device__ __forceinline__ void mma_dense(int (&c)[4], uint4 a, u32 b0, u32 b1) {
  asm volatile("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};\n"
    : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3]) : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1));
}
__device__ __forceinline__ void mma_sparse(int (&c)[4], uint4 a, const u32 (&b)[4], u32 metadata) {
  asm volatile(MMA_SPARSE ".sync.aligned.m16n8k64.row.col.s32.s8.s8.s32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9,%10,%11},{%0,%1,%2,%3},%12,0x0;\n"
    : "+r"(c[0]), "+r"(c[1]), "+r"(c[2]), "+r"(c[3]) : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b[0]), "r"(b[1]), "r"(b[2]), "r"(b[3]), "r"(metadata));
}
__device__ __forceinline__ void load_matrix(u32 (&r)[4], u32 address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3},[%4];\n" : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3]) : "r"(address));
}
// Activations of the kernel before must not come from a read-only cache.
__device__ __forceinline__ uint2 load8(const void* p) {
  uint2 r;
  asm volatile("ld.global.cg.v2.u32 {%0,%1},[%2];" : "=r"(r.x), "=r"(r.y) : "l"(p));
  return r;
}
__device__ __forceinline__ uint4 load16_or_zero(const i8* from, bool there) {
  uint4 r;
  asm volatile("{\n.reg .pred q;\nsetp.ne.b32 q,%5,0;\nmov.b32 %0,0;\nmov.b32 %1,0;\nmov.b32 %2,0;\nmov.b32 %3,0;\n@q ld.global.cg.v4.u32 {%0,%1,%2,%3},[%4];\n}\n"
    : "=&r"(r.x), "=&r"(r.y), "=&r"(r.z), "=&r"(r.w) : "l"(from), "r"((int)there));
  return r;
}
__device__ __forceinline__ void prefetch(const void* p) { asm volatile("prefetch.global.L2 [%0];" ::"l"(p)); }
// sum + the four products of bytes. As an instruction, since older NVRTC declares the intrinsic in a header alone.
__device__ __forceinline__ int dot4(int a, int b, int sum) {
  int r;
  asm("dp4a.s32.s32 %0,%1,%2,%3;" : "=r"(r) : "r"(a), "r"(b), "r"(sum));
  return r;
}
__device__ __forceinline__ float float_of(u16 half) {
  float f;
  asm("cvt.f32.f16 %0,%1;" : "=f"(f) : "h"(half));
  return f;
}
