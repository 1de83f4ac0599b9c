// Every step of a plan as a plain kernel: any shape, one thread for one value or four. What no fast kernel covers runs here, and the fast ones are checked against it.
// Tensors are [pixels of all images][stride], of which the first channels count.

struct Operand { const void* data; float scale; int stride; };      // levels worth scale, or floats where it is 0
struct Result { void* data; float inverse; int stride; };           // levels of 1 / inverse, or floats where it is 0
__device__ __forceinline__ float value_of(const Operand& o, size_t pixel, int c) {
  const size_t i = pixel * o.stride + c;
  return o.scale > 0.f ? (float)((const i8*)o.data)[i] * o.scale : ((const float*)o.data)[i];
}
// f in steps of the result, where it holds levels.
__device__ __forceinline__ void store_steps(const Result& r, size_t pixel, int c, float f) {
  const size_t i = pixel * r.stride + c;
  if (r.inverse > 0.f) ((i8*)r.data)[i] = level(f, -128.f, 127.f);
  else ((float*)r.data)[i] = f;
}
__device__ __forceinline__ void store(const Result& r, size_t pixel, int c, float f) { store_steps(r, pixel, c, r.inverse > 0.f ? f * r.inverse : f); }
__device__ __forceinline__ size_t thread_index() { return (size_t)blockIdx.x * blockDim.x + threadIdx.x; }

struct ImageParameters { const void* x; Result y; int C, HW; unsigned long long count; };
struct Slide { int N, H, W, C, OH, OW, K, R, S, strideY, strideX, padY, padX, dilationY, dilationX, groups; };
struct PlainConv { const i8* x; const i8* w; void* y; const i8* residual; const float* alpha; const float* bias; float beta, low, high; int floats, xs, ys, rs, unused; Slide s; };
struct FloatConv { Operand x; Result y; const float* w; const float* bias; Slide s; };
struct Pool { Operand x; Result y; float factor; int countPadding; Slide s; };
struct PointwiseParameters { Operand x, y; Result z; const float* factor; const float* shift; float first, second; int operation, channels, perImage, gate; unsigned long long count; };
struct ChannelParameters { Operand x; Result y; int start, toStart, moved, shuffle, raw, unused; unsigned long long pixels; };
struct FlattenParameters { Operand x; Result y; int C, HW, raw, unused; unsigned long long count; };

static_assert(sizeof(ImageParameters) == 40 && sizeof(PlainConv) == 144 && sizeof(FloatConv) == 112 && sizeof(Pool) == 104, "Execution/KernelParameters.cs has another layout");
static_assert(sizeof(PointwiseParameters) == 96 && sizeof(ChannelParameters) == 64 && sizeof(FlattenParameters) == 56, "Execution/KernelParameters.cs has another layout");

// The value of a sliding step that the calling thread makes, of each channels of an output pixel; each is read channel by channel of a window.
struct Place {
  int c, n, oy, ox;
  size_t pixel;
  bool there;
};
__device__ __forceinline__ Place place_of(const Slide& s, int channels) {
  const size_t i = thread_index();
  Place p;
  p.pixel = i / channels;
  p.c = (int)(i - p.pixel * channels);
  p.n = (int)(p.pixel / (s.OH * s.OW));
  const int r = (int)(p.pixel - (size_t)p.n * s.OH * s.OW);
  p.oy = r / s.OW;
  p.ox = r - p.oy * s.OW;
  p.there = p.n < s.N;
  return p;
}
// Calls each(input pixel, tap) for the taps of a window that lie in the image, row by row.
template<class Each> __device__ __forceinline__ void window(const Slide& s, const Place& p, Each each) {
  for (int a = 0; a < s.R; a++)
    for (int b = 0; b < s.S; b++) {
      const int iy = p.oy * s.strideY - s.padY + a * s.dilationY, ix = p.ox * s.strideX - s.padX + b * s.dilationX;
      if ((unsigned)iy < (unsigned)s.H && (unsigned)ix < (unsigned)s.W) each((size_t)(p.n * s.H + iy) * s.W + ix, a * s.S + b);
    }
}

// [N, C, H, W] float32, or [N, H, W, C] float16; a thread makes a pixel.
extern "C" __global__ void image_float(const __grid_constant__ ImageParameters p) {
  const size_t pixel = thread_index();
  PDL_WAIT;
  if (pixel >= p.count) return;
  const size_t n = pixel / p.HW, r = pixel - n * p.HW;
  for (int c = 0; c < p.C; c++) store(p.y, pixel, c, ((const float*)p.x)[(n * p.C + c) * p.HW + r]);
}
extern "C" __global__ void image_half(const __grid_constant__ ImageParameters p) {
  const size_t pixel = thread_index();
  PDL_WAIT;
  if (pixel >= p.count) return;
  for (int c = 0; c < p.C; c++) store(p.y, pixel, c, float_of(((const u16*)p.x)[pixel * p.C + c]));
}

// f in steps of the output where it holds levels: residual, bounds, rounding.
__device__ __forceinline__ void store(const PlainConv& p, size_t pixel, int k, float f) {
  if (p.residual) f = fmaf((float)p.residual[pixel * p.rs + k], p.beta, f);
  if (p.floats) ((float*)p.y)[pixel * p.ys + k] = bounded(f, p.low, p.high);
  else ((i8*)p.y)[pixel * p.ys + k] = level(f, p.low, p.high);
}
extern "C" __global__ void conv_plain(const __grid_constant__ PlainConv p) {
  const Slide& s = p.s;
  const Place place = place_of(s, s.K);
  PDL_WAIT;
  if (!place.there) return;
  const int inGroup = s.C / s.groups, c0 = place.c / (s.K / s.groups) * inGroup;
  int sum = 0;
  window(s, place, [&](size_t pixel, int tap) {
    const i8* x = p.x + pixel * p.xs + c0;
    const i8* w = p.w + ((size_t)place.c * s.R * s.S + tap) * inGroup;
    if ((inGroup & 3) == 0)
      for (int c = 0; c < inGroup; c += 4) sum = dot4(*(const int*)(x + c), *(const int*)(w + c), sum);
    else
      for (int c = 0; c < inGroup; c++) sum += (int)x[c] * (int)w[c];
  });
  store(p, place.pixel, place.c, fmaf((float)sum, p.alpha[place.c], p.bias[place.c]));
}

// Each channel by itself: a thread makes four neighbouring ones of a pixel. Weights [taps][xs]; alpha and bias padded likewise.
extern "C" __global__ void conv_depthwise(const __grid_constant__ PlainConv p) {
  const Slide& s = p.s;
  const Place place = place_of(s, p.xs / 4);
  const int c = place.c * 4;
  PDL_WAIT;
  if (!place.there) return;
  int sum[4] = {0, 0, 0, 0};
  window(s, place, [&](size_t pixel, int tap) {
    const u32 x = *(const u32*)(p.x + pixel * p.xs + c), w = __ldg((const u32*)(p.w + (size_t)tap * p.xs + c));
    #pragma unroll
    for (int i = 0; i < 4; i++) sum[i] += byte_of(x, i) * byte_of(w, i);
  });
  #pragma unroll
  for (int i = 0; i < 4; i++)
    if (c + i < s.K) store(p, place.pixel, c + i, fmaf((float)sum[i], p.alpha[c + i], p.bias[c + i]));
}

// Fully connected, weights padded to whole pixels: a warp makes one output of 8 images.
extern "C" __global__ void __launch_bounds__(256) fully_connected(const __grid_constant__ PlainConv p) {
  const Slide& s = p.s;
  const int lane = threadIdx.x & 31, k = blockIdx.x * 8 + (threadIdx.x >> 5), n0 = blockIdx.y * 8;
  PDL_WAIT;
  if (k >= s.K) return;
  int sum[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (int c = lane * 16; c < p.xs; c += 512) {
    const int4 w = __ldg((const int4*)(p.w + (size_t)k * p.xs + c));
    #pragma unroll
    for (int j = 0; j < 8; j++) {
      const int4 x = *(const int4*)(p.x + (size_t)min(n0 + j, s.N - 1) * p.xs + c);
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
      store(p, n0 + j, k, f);
    }
}

extern "C" __global__ void conv_float(const __grid_constant__ FloatConv p) {
  const Slide& s = p.s;
  const Place place = place_of(s, s.K);
  PDL_WAIT;
  if (!place.there) return;
  const int inGroup = s.C / s.groups, c0 = place.c / (s.K / s.groups) * inGroup;
  float f = p.bias[place.c];
  window(s, place, [&](size_t pixel, int tap) {
    const float* w = p.w + ((size_t)place.c * s.R * s.S + tap) * inGroup;
    for (int c = 0; c < inGroup; c++) f = fmaf(w[c], value_of(p.x, pixel, c0 + c), f);
  });
  store(p.y, place.pixel, place.c, f);
}

// Of levels: a thread makes four channels.
extern "C" __global__ void max_pool_levels(const __grid_constant__ Pool p) {
  const Place place = place_of(p.s, p.x.stride / 4);
  PDL_WAIT;
  if (!place.there) return;
  u32 most = 0x80808080u;
  window(p.s, place, [&](size_t pixel, int) { most = __vmaxs4(most, *(const u32*)((const i8*)p.x.data + pixel * p.x.stride + place.c * 4)); });
  *(u32*)((i8*)p.y.data + place.pixel * p.y.stride + place.c * 4) = most;
}
extern "C" __global__ void max_pool_floats(const __grid_constant__ Pool p) {
  const Place place = place_of(p.s, p.s.C);
  PDL_WAIT;
  if (!place.there) return;
  float highest = -__int_as_float(0x7f800000);
  window(p.s, place, [&](size_t pixel, int) {
    const float f = ((const float*)p.x.data)[pixel * p.x.stride + place.c];
    highest = f > highest ? f : highest;
  });
  ((float*)p.y.data)[place.pixel * p.y.stride + place.c] = highest;
}

extern "C" __global__ void average_pool(const __grid_constant__ Pool p) {
  const Place place = place_of(p.s, p.s.C);
  PDL_WAIT;
  if (!place.there) return;
  int exact = 0, count = 0;
  float sum = 0.f;
  window(p.s, place, [&](size_t pixel, int) {
    const size_t at = pixel * p.x.stride + place.c;
    count++;
    if (p.x.scale > 0.f) exact += (int)((const i8*)p.x.data)[at];
    else sum += ((const float*)p.x.data)[at];
  });
  store_steps(p.y, place.pixel, place.c, (p.x.scale > 0.f ? (float)exact : sum) * p.factor / (float)(p.countPadding ? p.s.R * p.s.S : count));
}

// Mean of a whole map of levels: a block of 32 x 8 threads makes 128 channels of one image, each of its 8 warps every eighth pixel.
extern "C" __global__ void __launch_bounds__(256) global_average(const __grid_constant__ Pool p) {
  const Slide& s = p.s;
  __shared__ int4 parts[8][32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5, c = (blockIdx.x * 32 + lane) * 4, n = blockIdx.y, HW = s.H * s.W;
  int4 sum = make_int4(0, 0, 0, 0);
  PDL_WAIT;
  if (c < s.C) {
    const i8* x = (const i8*)p.x.data + (size_t)n * HW * p.x.stride + c;
    #pragma unroll 8
    for (int i = warp; i < HW; i += 8) {
      const u32 v = *(const u32*)(x + (size_t)i * p.x.stride);
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
  for (int i = 0; i < 4; i++)
    if (c + i < s.C) store_steps(p.y, n, c + i, (float)sums[i] * p.factor / (float)HW);
}

// Mean of a whole map and the fully connected layer behind it in one: for few images, where another kernel would cost more than the mean of an image made by each of its blocks.
// Up to 4096 channels; a block of 1024 threads makes 32 outputs of an image.
struct PooledParameters { Pool pool; PlainConv connected; };
static_assert(sizeof(PooledParameters) == 248, "Execution/KernelParameters.cs has another layout");
extern "C" __global__ void __launch_bounds__(1024) pooled_fully_connected(const __grid_constant__ PooledParameters p) {
  __shared__ int4 parts[1024];
  __shared__ __align__(16) i8 means[4096];
  const Pool& pool = p.pool;
  const PlainConv& f = p.connected;
  const int tid = threadIdx.x, lane = tid & 31, k = blockIdx.x * 32 + (tid >> 5), n = blockIdx.y, HW = pool.s.H * pool.s.W, quads = f.xs / 4, groups = 1024 / quads, group = tid / quads, quad = tid - group * quads;
  const i8* weights = f.w + (size_t)k * f.xs;
  const bool there = k < f.s.K;
  int4 first = make_int4(0, 0, 0, 0), sum = make_int4(0, 0, 0, 0);
  if (there && lane * 16 < f.xs) first = __ldg((const int4*)(weights + lane * 16));
  PDL_WAIT;
  if (group < groups) {
    const i8* x = (const i8*)pool.x.data + (size_t)n * HW * pool.x.stride + quad * 4;
    #pragma unroll 8
    for (int i = group; i < HW; i += groups) {
      const u32 v = *(const u32*)(x + (size_t)i * pool.x.stride);
      sum.x += byte_of(v, 0); sum.y += byte_of(v, 1); sum.z += byte_of(v, 2); sum.w += byte_of(v, 3);
    }
    parts[tid] = sum;
  }
  __syncthreads();
  if (tid < quads) {
    for (int g = 1; g < groups; g++) add(sum, parts[g * quads + tid]);
    const int sums[4] = {sum.x, sum.y, sum.z, sum.w};
    #pragma unroll
    for (int i = 0; i < 4; i++) {
      means[tid * 4 + i] = level((float)sums[i] * pool.factor / (float)HW, -128.f, 127.f);
      if (blockIdx.x == 0 && tid * 4 + i < pool.s.C) ((i8*)pool.y.data)[(size_t)n * pool.y.stride + tid * 4 + i] = means[tid * 4 + i];
    }
  }
  __syncthreads();
  int dot = 0;
  for (int c = lane * 16; there && c < f.xs; c += 512) {
    const int4 w = c == lane * 16 ? first : __ldg((const int4*)(weights + c)), x = *(const int4*)(means + c);
    dot = dot4(x.x, w.x, dot4(x.y, w.y, dot4(x.z, w.z, dot4(x.w, w.w, dot))));
  }
  #pragma unroll
  for (int d = 16; d > 0; d >>= 1) dot += __shfl_xor_sync(0xffffffffu, dot, d);
  if (there && lane == 0) store(f, n, k, fmaf((float)dot, f.alpha[k], f.bias[k]));
}

// 1 / (1 + e^-x), operation by operation as Reference/ExactSigmoid.cs has it.
__device__ __forceinline__ float sigmoid(float x) {
  const float v = bounded(-x, -87.f, 87.f), n = rintf(v * 1.44269504f);
  const float r = fmaf(n, 2.12194440e-4f, fmaf(n, -0.693359375f, v));
  float p = fmaf(1.9875691500e-4f, r, 1.3981999507e-3f);
  p = fmaf(p, r, 8.3334519073e-3f);
  p = fmaf(p, r, 4.1665795894e-2f);
  p = fmaf(p, r, 1.6666665459e-1f);
  p = fmaf(p, r, 5.0000001201e-1f);
  const float e = (fmaf(p, r * r, r) + 1.f) * __int_as_float(((int)n + 127) << 23);
  return 1.f / (1.f + e);
}

extern "C" __global__ void pointwise(const __grid_constant__ PointwiseParameters p) {
  const size_t i = thread_index(), pixel = i / p.channels;
  PDL_WAIT;
  if (i >= p.count) return;
  const int c = (int)(i - pixel * p.channels);
  const float x = value_of(p.x, pixel, c);
  const float y = p.y.data ? value_of(p.y, p.gate ? pixel / p.perImage : pixel, c) : 0.f;
  float f = x;
  switch (p.operation) {
    case 1: f = x + y; break;
    case 2: f = x * y; break;
    case 3: f = fmaf(x, p.factor[c], p.shift[c]); break;
    case 4: f = bounded(x, p.first, p.second); break;
    case 5: f = bounded(fmaf(p.first, x, p.second), 0.f, 1.f); break;
    case 6: f = x * bounded(fmaf(1.f / 6, x, 0.5f), 0.f, 1.f); break;
    case 7: f = sigmoid(x); break;
  }
  store(p.z, pixel, c, f);
}

extern "C" __global__ void channels(const __grid_constant__ ChannelParameters p) {
  const size_t t = thread_index();
  PDL_WAIT;
  if (t >= p.pixels * p.moved) return;
  const size_t pixel = t / p.moved;
  const int i = (int)(t - pixel * p.moved), group = p.moved / p.shuffle, from = p.start + i, to = p.toStart + i % group * p.shuffle + i / group;
  if (p.raw) ((i8*)p.y.data)[pixel * p.y.stride + to] = ((const i8*)p.x.data)[pixel * p.x.stride + from];
  else store(p.y, pixel, to, value_of(p.x, pixel, from));
}

// To the order of [N, C, H, W], a pixel of all values for each image.
extern "C" __global__ void flatten(const __grid_constant__ FlattenParameters p) {
  const size_t t = thread_index();
  PDL_WAIT;
  if (t >= p.count) return;
  const size_t pixel = t / p.C, image = pixel / p.HW;
  const int c = (int)(t - pixel * p.C), to = (int)(c * p.HW + (pixel - image * p.HW));
  if (p.raw) ((i8*)p.y.data)[image * p.y.stride + to] = ((const i8*)p.x.data)[pixel * p.x.stride + c];
  else store(p.y, image, to, value_of(p.x, pixel, c));
}
