// What the kernels on the instructions of a warpgroup share: weights in registers, and the way of sums to rows of levels.

// Weights of a warp's 16 rows by 64 values of K.
template<int SP> struct Rows { uint4 a[SP ? 1 : 2]; u32 e; };
template<int SP> __device__ __forceinline__ void load_rows(Rows<SP>& f, const u8* values, const u8* metadata) {
  #pragma unroll
  for (int h = 0; h < (SP ? 1 : 2); h++) f.a[h] = __ldg((const uint4*)(values + h * 512));
  if (SP) f.e = __ldg((const u32*)metadata);
}
// Until here these registers are in use, by multiplications that the compiler takes for done.
template<int SP> __device__ __forceinline__ void pin(Rows<SP>& f) {
  #pragma unroll
  for (int h = 0; h < (SP ? 1 : 2); h++) pin(f.a[h]);
  if (SP) pin(f.e);
}

// The sums of a warp's 16 channels by WN pixels, scaled, with the residual, bounded and rounded, to shared memory, where the residual already lies: a pixel every STAGE bytes, rows at the lane's of the
// first 32. A lane has two channels of two pixels of each eight; as columns of bytes they become rows of 16 channels.
template<int WN, int STAGE>
__device__ __forceinline__ void levels_to_rows(const ConvParameters& p, const int (&acc)[WN / 8][4], const float (&alpha)[2], const float (&bias)[2], u32 rows) {
  #pragma unroll
  for (int n = 0; n < WN / 8; n += 4) {
    u32 r[4] = {0, 0, 0, 0};
    if (p.residual) load_columns(r, rows + n * 8 * STAGE);
    #pragma unroll
    for (int i = 0; i < 4; i++) {
      float f[4];
      #pragma unroll
      for (int j = 0; j < 4; j++) f[j] = fmaf((float)acc[n + i][j / 2 + j % 2 * 2], alpha[j % 2], bias[j % 2]);
      if (p.residual) {
        #pragma unroll
        for (int j = 0; j < 4; j++) f[j] = fmaf((float)byte_of(r[i], j), p.beta, f[j]);
      }
      r[i] = levels4(f[0], f[1], f[2], f[3], p.low, p.high);
    }
    store_columns(rows + n * 8 * STAGE, r);
  }
}
