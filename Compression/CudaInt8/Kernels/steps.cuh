// Every step of a plan as a plain kernel: any shape, one thread for one value. What no fast kernel covers runs here, and the fast ones are checked against it.

struct Operand { const void* data; float scale; int unused; };      // levels worth scale, or floats where it is 0
struct Result { void* data; float inverse; int unused; };           // levels of 1 / inverse, or floats where it is 0
__device__ __forceinline__ float value_of(const Operand& o, size_t i) { return o.scale > 0.f ? (float)((const i8*)o.data)[i] * o.scale : ((const float*)o.data)[i]; }
__device__ __forceinline__ void store(const Result& r, size_t i, float f) {
  if (r.inverse > 0.f) ((i8*)r.data)[i] = level(f * r.inverse, -128.f, 127.f);
  else ((float*)r.data)[i] = f;
}
__device__ __forceinline__ size_t thread_index() { return (size_t)blockIdx.x * blockDim.x + threadIdx.x; }

struct ImageParameters { const void* x; Result y; int C, HW; unsigned long long count; };
struct Slide { int N, H, W, C, OH, OW, K, R, S, strideY, strideX, padY, padX, dilationY, dilationX, groups; };
struct PlainConv { const i8* x; const i8* w; void* y; const i8* residual; const float* alpha; const float* bias; float beta, low, high; int floats; Slide s; };
struct FloatConv { Operand x; Result y; const float* w; const float* bias; Slide s; };
struct Pool { Operand x; Result y; float factor; int countPadding; Slide s; };
struct PointwiseParameters { Operand x, y; Result z; const float* factor; const float* shift; float first, second; int operation, channels, perImage, gate; unsigned long long count; };
struct ChannelParameters { Operand x; Result y; int inputs, outputs, start, toStart, moved, shuffle, raw, unused; unsigned long long pixels; };
struct FlattenParameters { Operand x; Result y; int C, HW, raw, unused; unsigned long long count; };

static_assert(sizeof(ImageParameters) == 40 && sizeof(PlainConv) == 128 && sizeof(FloatConv) == 112 && sizeof(Pool) == 104, "Execution/KernelParameters.cs has another layout");
static_assert(sizeof(PointwiseParameters) == 96 && sizeof(ChannelParameters) == 72 && sizeof(FlattenParameters) == 56, "Execution/KernelParameters.cs has another layout");

// [N, C, H, W] float32, or [N, H, W, C] float16
extern "C" __global__ void image_float(const __grid_constant__ ImageParameters p) {
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= p.count) return;
  const size_t n = i / ((size_t)p.C * p.HW), r = i - n * p.C * p.HW, pixel = r / p.C, c = r - pixel * p.C;
  store(p.y, i, ((const float*)p.x)[(n * p.C + c) * p.HW + pixel]);
}
extern "C" __global__ void image_half(const __grid_constant__ ImageParameters p) {
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= p.count) return;
  float f;
  asm("cvt.f32.f16 %0,%1;" : "=f"(f) : "h"(((const u16*)p.x)[i]));
  store(p.y, i, f);
}

extern "C" __global__ void conv_plain(const __grid_constant__ PlainConv p) {
  const Slide& s = p.s;
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= (size_t)s.N * s.OH * s.OW * s.K) return;
  const int k = (int)(i % s.K), pixel = (int)(i / s.K), n = pixel / (s.OH * s.OW), r = pixel - n * s.OH * s.OW, oy = r / s.OW, ox = r - oy * s.OW;
  const int inGroup = s.C / s.groups, c0 = k / (s.K / s.groups) * inGroup;
  int sum = 0;
  for (int a = 0; a < s.R; a++)
    for (int b = 0; b < s.S; b++) {
      const int iy = oy * s.strideY - s.padY + a * s.dilationY, ix = ox * s.strideX - s.padX + b * s.dilationX;
      if ((unsigned)iy >= (unsigned)s.H || (unsigned)ix >= (unsigned)s.W) continue;
      const i8* x = p.x + ((size_t)(n * s.H + iy) * s.W + ix) * s.C + c0;
      const i8* w = p.w + ((size_t)(k * s.R + a) * s.S + b) * inGroup;
      if ((inGroup & 3) == 0 && (s.C & 3) == 0)
        for (int c = 0; c < inGroup; c += 4) sum = dot4(*(const int*)(x + c), *(const int*)(w + c), sum);
      else
        for (int c = 0; c < inGroup; c++) sum += (int)x[c] * (int)w[c];
    }
  float f = fmaf((float)sum, p.alpha[k], p.bias[k]);
  if (p.residual) f = fmaf((float)p.residual[i], p.beta, f);
  if (p.floats) ((float*)p.y)[i] = bounded(f, p.low, p.high);
  else ((i8*)p.y)[i] = level(f, p.low, p.high);
}

// Fully connected, C a multiple of 16: a warp makes one output of 8 images.
extern "C" __global__ void __launch_bounds__(256) fully_connected(const __grid_constant__ PlainConv p) {
  const Slide& s = p.s;
  const int lane = threadIdx.x & 31, k = blockIdx.x * 8 + (threadIdx.x >> 5), n0 = blockIdx.y * 8;
  PDL_WAIT;
  if (k >= s.K) return;
  int sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int c = lane * 16; c < s.C; c += 512) {
    const int4 w = __ldg((const int4*)(p.w + (size_t)k * s.C + c));
    #pragma unroll
    for (int j = 0; j < 8; j++) {
      const int4 x = *(const int4*)(p.x + (size_t)min(n0 + j, s.N - 1) * s.C + c);
      sum[j] = dot4(x.x, w.x, dot4(x.y, w.y, dot4(x.z, w.z, dot4(x.w, w.w, sum[j]))));
    }
  }
  #pragma unroll
  for (int j = 0; j < 8; j++)
    #pragma unroll
    for (int d = 16; d > 0; d >>= 1) sum[j] += __shfl_xor_sync(0xffffffffu, sum[j], d);
  #pragma unroll
  for (int j = 0; j < 8; j++)
    if (lane == j && n0 + j < s.N) {
      const float f = fmaf((float)sum[j], p.alpha[k], p.bias[k]);
      const size_t i = (size_t)(n0 + j) * s.K + k;
      if (p.floats) ((float*)p.y)[i] = bounded(f, p.low, p.high);
      else ((i8*)p.y)[i] = level(f, p.low, p.high);
    }
}

extern "C" __global__ void conv_float(const __grid_constant__ FloatConv p) {
  const Slide& s = p.s;
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= (size_t)s.N * s.OH * s.OW * s.K) return;
  const int k = (int)(i % s.K), pixel = (int)(i / s.K), n = pixel / (s.OH * s.OW), r = pixel - n * s.OH * s.OW, oy = r / s.OW, ox = r - oy * s.OW;
  const int inGroup = s.C / s.groups, c0 = k / (s.K / s.groups) * inGroup;
  float f = p.bias[k];
  for (int a = 0; a < s.R; a++)
    for (int b = 0; b < s.S; b++) {
      const int iy = oy * s.strideY - s.padY + a * s.dilationY, ix = ox * s.strideX - s.padX + b * s.dilationX;
      if ((unsigned)iy >= (unsigned)s.H || (unsigned)ix >= (unsigned)s.W) continue;
      const size_t at = ((size_t)(n * s.H + iy) * s.W + ix) * s.C + c0;
      const float* w = p.w + ((size_t)(k * s.R + a) * s.S + b) * inGroup;
      for (int c = 0; c < inGroup; c++) f = fmaf(w[c], value_of(p.x, at + c), f);
    }
  store(p.y, i, f);
}

extern "C" __global__ void max_pool(const __grid_constant__ Pool p) {
  const Slide& s = p.s;
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= (size_t)s.N * s.OH * s.OW * s.C) return;
  const int c = (int)(i % s.C), pixel = (int)(i / s.C), n = pixel / (s.OH * s.OW), r = pixel - n * s.OH * s.OW, oy = r / s.OW, ox = r - oy * s.OW;
  int most = -128;
  float highest = -__int_as_float(0x7f800000);
  for (int a = 0; a < s.R; a++)
    for (int b = 0; b < s.S; b++) {
      const int iy = oy * s.strideY - s.padY + a * s.dilationY, ix = ox * s.strideX - s.padX + b * s.dilationX;
      if ((unsigned)iy >= (unsigned)s.H || (unsigned)ix >= (unsigned)s.W) continue;
      const size_t at = ((size_t)(n * s.H + iy) * s.W + ix) * s.C + c;
      if (p.x.scale > 0.f) most = max(most, (int)((const i8*)p.x.data)[at]);
      else {
        const float f = ((const float*)p.x.data)[at];
        highest = f > highest ? f : highest;
      }
    }
  if (p.x.scale > 0.f) ((i8*)p.y.data)[i] = (i8)most;
  else ((float*)p.y.data)[i] = highest;
}

extern "C" __global__ void average_pool(const __grid_constant__ Pool p) {
  const Slide& s = p.s;
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= (size_t)s.N * s.OH * s.OW * s.C) return;
  const int c = (int)(i % s.C), pixel = (int)(i / s.C), n = pixel / (s.OH * s.OW), r = pixel - n * s.OH * s.OW, oy = r / s.OW, ox = r - oy * s.OW;
  int exact = 0, count = 0;
  float sum = 0.f;
  for (int a = 0; a < s.R; a++)
    for (int b = 0; b < s.S; b++) {
      const int iy = oy * s.strideY - s.padY + a, ix = ox * s.strideX - s.padX + b;
      if ((unsigned)iy >= (unsigned)s.H || (unsigned)ix >= (unsigned)s.W) continue;
      const size_t at = ((size_t)(n * s.H + iy) * s.W + ix) * s.C + c;
      count++;
      if (p.x.scale > 0.f) exact += (int)((const i8*)p.x.data)[at];
      else sum += ((const float*)p.x.data)[at];
    }
  const float f = (p.x.scale > 0.f ? (float)exact : sum) * p.factor / (float)(p.countPadding ? s.R * s.S : count);
  if (p.y.inverse > 0.f) ((i8*)p.y.data)[i] = level(f, -128.f, 127.f);
  else ((float*)p.y.data)[i] = f;
}

// Mean of a whole map of levels, C a multiple of 4: a block of 32 x 8 threads makes 128 channels of one image, each of its 8 warps every eighth pixel.
extern "C" __global__ void __launch_bounds__(256) global_average(const __grid_constant__ Pool p) {
  const Slide& s = p.s;
  __shared__ int4 parts[8][32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, c = (blockIdx.x * 32 + lane) * 4, n = blockIdx.y, HW = s.H * s.W;
  int4 sum = make_int4(0, 0, 0, 0);
  PDL_WAIT;
  if (c < s.C) {
    const i8* x = (const i8*)p.x.data + (size_t)n * HW * s.C + c;
    #pragma unroll 8
    for (int i = warp; i < HW; i += 8) {
      const u32 v = *(const u32*)(x + (size_t)i * s.C);
      sum.x += byte_of(v, 0); sum.y += byte_of(v, 1); sum.z += byte_of(v, 2); sum.w += byte_of(v, 3);
    }
  }
  parts[warp][lane] = sum;
  __syncthreads();
  if (warp > 0 || c >= s.C) return;
  for (int i = 1; i < 8; i++) {
    const int4 v = parts[i][lane];
    sum.x += v.x; sum.y += v.y; sum.z += v.z; sum.w += v.w;
  }
  const int sums[4] = {sum.x, sum.y, sum.z, sum.w};
  #pragma unroll
  for (int i = 0; i < 4; i++) {
    const float f = (float)sums[i] * p.factor / (float)HW;
    const size_t at = (size_t)n * s.C + c + i;
    if (p.y.inverse > 0.f) ((i8*)p.y.data)[at] = level(f, -128.f, 127.f);
    else ((float*)p.y.data)[at] = f;
  }
}

extern "C" __global__ void pointwise(const __grid_constant__ PointwiseParameters p) {
  const size_t i = thread_index();
  PDL_WAIT;
  if (i >= p.count) return;
  const float x = value_of(p.x, i);
  const int c = (int)(i % p.channels);
  const float y = p.y.data ? value_of(p.y, p.gate ? i / p.perImage * p.channels + c : i) : 0.f;
  float f = x;
  switch (p.operation) {
    case 1: f = x + y; break;
    case 2: f = x * y; break;
    case 3: f = fmaf(x, p.factor[c], p.shift[c]); break;
    case 4: f = bounded(x, p.first, p.second); break;
    case 5: f = bounded(fmaf(p.first, x, p.second), 0.f, 1.f); break;
    case 6: f = x * bounded(fmaf(1.f / 6, x, 0.5f), 0.f, 1.f); break;
  }
  store(p.z, i, f);
}

extern "C" __global__ void channels(const __grid_constant__ ChannelParameters p) {
  const size_t t = thread_index();
  PDL_WAIT;
  if (t >= p.pixels * p.moved) return;
  const size_t pixel = t / p.moved;
  const int i = (int)(t - pixel * p.moved), group = p.moved / p.shuffle;
  const size_t from = pixel * p.inputs + p.start + i, to = pixel * p.outputs + p.toStart + i % group * p.shuffle + i / group;
  if (p.raw) ((i8*)p.y.data)[to] = ((const i8*)p.x.data)[from];
  else store(p.y, to, value_of(p.x, from));
}

extern "C" __global__ void flatten(const __grid_constant__ FlattenParameters p) {
  const size_t t = thread_index();
  PDL_WAIT;
  if (t >= p.count) return;
  const size_t perImage = (size_t)p.C * p.HW, image = t / perImage, i = t - image * perImage, to = image * perImage + i % p.C * p.HW + i / p.C;
  if (p.raw) ((i8*)p.y.data)[to] = ((const i8*)p.x.data)[t];
  else store(p.y, to, value_of(p.x, t));
}
