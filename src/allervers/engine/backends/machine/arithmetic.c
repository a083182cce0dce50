/* Numbers, comparisons, truth values, conversions. `vv`: two registers; `vs`, `sv`: the constant on one side. */
#include "machine.h"

#define BINARY(NAME, T, R, EXPR)                                                                                       \
    static void NAME##_##T##_vv(Frame *f, const Step *s) {                                                             \
        ROWS; R *d = f->r[s->d]; const T *a = f->r[s->a], *b = f->r[s->b];                                             \
        EACH { const T x = a[i], y = b[i]; d[i] = (R)(EXPR); } }                                                       \
    static void NAME##_##T##_vs(Frame *f, const Step *s) {                                                             \
        ROWS; R *d = f->r[s->d]; const T *a = f->r[s->a]; const T y = CONST_##T(s);                                    \
        EACH { const T x = a[i]; d[i] = (R)(EXPR); } }                                                                 \
    static void NAME##_##T##_sv(Frame *f, const Step *s) {                                                             \
        ROWS; R *d = f->r[s->d]; const T *b = f->r[s->b]; const T x = CONST_##T(s);                                    \
        EACH { const T y = b[i]; d[i] = (R)(EXPR); } }

#define UNARY(NAME, T, R, EXPR)                                                                                        \
    static void NAME##_##T(Frame *f, const Step *s) {                                                                  \
        ROWS; R *d = f->r[s->d]; const T *a = f->r[s->a];                                                              \
        EACH { const T x = a[i]; d[i] = (R)(EXPR); } }

/* A whole constant is kept in the bits of `y`, so that 64 bits hold. */
static inline i8 whole(const Step *s) { i8 v; memcpy(&v, &s->y, 8); return v; }
#define CONST_f4(s) ((f4)(s)->x)
#define CONST_f8(s) ((s)->x)
#define CONST_i2(s) ((i2)whole(s))
#define CONST_i4(s) ((i4)whole(s))
#define CONST_i8(s) (whole(s))
#define CONST_u1(s) ((u1)whole(s))

/* numpy's remainder and whole division: the sign of the divisor, 0 for a whole division by 0. */
static inline i8 mod_i8f(i8 x, i8 y) { if (y == 0) return 0; if (y == -1) return 0; i8 r = x % y; return r && ((r < 0) != (y < 0)) ? r + y : r; }
static inline i8 div_i8f(i8 x, i8 y) { if (y == 0) return 0; if (y == -1) return (i8)(0 - (uint64_t)x); i8 q = x / y; return (x % y) && ((x < 0) != (y < 0)) ? q - 1 : q; }
static inline f8 mod_f8f(f8 x, f8 y) {
    f8 r = fmod(x, y);
    if (y == 0) return r;
    if (r != 0) return ((y < 0) != (r < 0)) ? r + y : r;
    return copysign(0.0, y);
}
static inline f8 div_f8f(f8 x, f8 y) {
    if (y == 0) return x / y;
    f8 r = fmod(x, y), q = (x - r) / y;
    if (r != 0 && ((y < 0) != (r < 0))) q -= 1.0;
    if (q == 0) return copysign(0.0, x / y);
    f8 whole_part = floor(q);
    return q - whole_part > 0.5 ? whole_part + 1.0 : whole_part;
}
static inline f4 mod_f4f(f4 x, f4 y) {
    f4 r = fmodf(x, y);
    if (y == 0) return r;
    if (r != 0) return ((y < 0) != (r < 0)) ? r + y : r;
    return copysignf(0.0f, y);
}
static inline f4 div_f4f(f4 x, f4 y) {
    if (y == 0) return x / y;
    f4 r = fmodf(x, y), q = (x - r) / y;
    if (r != 0 && ((y < 0) != (r < 0))) q -= 1.0f;
    if (q == 0) return copysignf(0.0f, x / y);
    f4 whole_part = floorf(q);
    return q - whole_part > 0.5f ? whole_part + 1.0f : whole_part;
}

#define NUMBERS(T) BINARY(add, T, T, x + y) BINARY(sub, T, T, x - y) BINARY(mul, T, T, x * y)
NUMBERS(f4) NUMBERS(f8) NUMBERS(i2)
/* Whole numbers wrap as numpy's do: computed without sign. */
BINARY(add, i4, i4, (uint32_t)x + (uint32_t)y) BINARY(sub, i4, i4, (uint32_t)x - (uint32_t)y) BINARY(mul, i4, i4, (uint32_t)x * (uint32_t)y)
BINARY(add, i8, i8, (uint64_t)x + (uint64_t)y) BINARY(sub, i8, i8, (uint64_t)x - (uint64_t)y) BINARY(mul, i8, i8, (uint64_t)x * (uint64_t)y)
BINARY(div, f4, f4, x / y) BINARY(div, f8, f8, x / y)
BINARY(floordiv, i4, i4, div_i8f(x, y)) BINARY(floordiv, i8, i8, div_i8f(x, y))
BINARY(floordiv, f4, f4, div_f4f(x, y)) BINARY(floordiv, f8, f8, div_f8f(x, y))
BINARY(mod, i4, i4, mod_i8f(x, y)) BINARY(mod, i8, i8, mod_i8f(x, y))
BINARY(mod, f4, f4, mod_f4f(x, y)) BINARY(mod, f8, f8, mod_f8f(x, y))
/* NaN on either side gives NaN, as numpy's maximum and minimum do. */
#define EXTREMES(T) BINARY(min, T, T, (x <= y) | (x != x) ? x : y) BINARY(max, T, T, (x >= y) | (x != x) ? x : y)
EXTREMES(f4) EXTREMES(f8) EXTREMES(i2) EXTREMES(i4) EXTREMES(i8)
#define COMPARISONS(T)                                                                                                 \
    BINARY(lt, T, u1, x < y) BINARY(le, T, u1, x <= y) BINARY(gt, T, u1, x > y)                                        \
    BINARY(ge, T, u1, x >= y) BINARY(eq, T, u1, x == y) BINARY(ne, T, u1, x != y)
COMPARISONS(f4) COMPARISONS(f8) COMPARISONS(i2) COMPARISONS(i4) COMPARISONS(i8) COMPARISONS(u1)
BINARY(bitand, i4, i4, x & y) BINARY(bitor, i4, i4, x | y) BINARY(bitand, i8, i8, x & y) BINARY(bitor, i8, i8, x | y)
BINARY(and, u1, u1, x & y) BINARY(or, u1, u1, x | y) BINARY(xor, u1, u1, x ^ y)
UNARY(not, u1, u1, x ^ 1)
UNARY(neg, f4, f4, -x) UNARY(neg, f8, f8, -x) UNARY(neg, i4, i4, 0 - (uint32_t)x) UNARY(neg, i8, i8, 0 - (uint64_t)x)
UNARY(abs, f4, f4, fabsf(x)) UNARY(abs, f8, f8, fabs(x))
UNARY(abs, i4, i4, x < 0 ? 0 - (uint32_t)x : (uint32_t)x) UNARY(abs, i8, i8, x < 0 ? 0 - (uint64_t)x : (uint64_t)x)
UNARY(rint, f4, f4, rintf(x)) UNARY(rint, f8, f8, rint(x)) UNARY(floor, f4, f4, floorf(x)) UNARY(floor, f8, f8, floor(x))
UNARY(ceil, f4, f4, ceilf(x)) UNARY(ceil, f8, f8, ceil(x)) UNARY(trunc, f4, f4, truncf(x)) UNARY(trunc, f8, f8, trunc(x))
UNARY(sqrt, f4, f4, sqrtf(x)) UNARY(sqrt, f8, f8, sqrt(x)) UNARY(isnan, f4, u1, x != x) UNARY(isnan, f8, u1, x != x)

/* Rounding to `k2` decimals, as numpy: times a power of ten, to the even, divided (the other way round for tens). */
#define ROUND(T, RINT)                                                                                                 \
    static void round_##T(Frame *f, const Step *s) {                                                                   \
        ROWS; T *d = f->r[s->d]; const T *a = f->r[s->a]; const T p = (T)s->x;                                         \
        if (s->k2 >= 0) EACH { d[i] = RINT(a[i] * p) / p; } else EACH { d[i] = RINT(a[i] / p) * p; } }
ROUND(f4, rintf) ROUND(f8, rint)

#define CASTS(T)                                                                                                       \
    UNARY(cast_f4, T, f4, x) UNARY(cast_f8, T, f8, x) UNARY(cast_i2, T, i2, x) UNARY(cast_i4, T, i4, x)                \
    UNARY(cast_i8, T, i8, x) UNARY(cast_u1, T, u1, x != 0)
CASTS(f4) CASTS(f8) CASTS(i2) CASTS(i4) CASTS(i8) CASTS(u1)

/* Days since 1970 to months and back (proleptic Gregorian calendar). */
static inline i8 floor_div(i8 x, i8 y) { i8 q = x / y; return (x % y) < 0 ? q - 1 : q; }
static inline i8 months_of_day(i8 day) {
    i8 z = day + 719468, era = floor_div(z, 146097), doe = z - era * 146097;
    i8 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    i8 mp = (5 * doy + 2) / 153, m = mp < 10 ? mp + 3 : mp - 9, y = yoe + era * 400 + (m <= 2);
    return (y - 1970) * 12 + m - 1;
}
static inline i8 day_of_month(i8 month) {
    i8 y = 1970 + floor_div(month, 12), m = month - floor_div(month, 12) * 12 + 1;
    y -= m <= 2;
    i8 era = floor_div(y, 400), yoe = y - era * 400, doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}
UNARY(date_DM, i8, i8, months_of_day(x)) UNARY(date_DY, i8, i8, floor_div(months_of_day(x), 12))
UNARY(date_MD, i8, i8, day_of_month(x)) UNARY(date_MY, i8, i8, floor_div(x, 12)) UNARY(date_YD, i8, i8, day_of_month(x * 12))
UNARY(date_YM, i8, i8, x * 12)
/* A number of days in years or months of average length: 400 years are 146,097 days. Rounded down, as numpy. */
UNARY(span_DY, i8, i8, floor_div(x * 400, 146097)) UNARY(span_DM, i8, i8, floor_div(x * 4800, 146097))
UNARY(span_MY, i8, i8, floor_div(x, 12)) UNARY(span_YM, i8, i8, x * 12)

#define N1(NAME, T) {#NAME "_" #T, NAME##_##T},
#define N3(NAME, T) {#NAME "_" #T "_vv", NAME##_##T##_vv}, {#NAME "_" #T "_vs", NAME##_##T##_vs}, {#NAME "_" #T "_sv", NAME##_##T##_sv},
#define N_NUMBERS(T) N3(add, T) N3(sub, T) N3(mul, T) N3(min, T) N3(max, T)
#define N_COMPARE(T) N3(lt, T) N3(le, T) N3(gt, T) N3(ge, T) N3(eq, T) N3(ne, T)
#define N_CASTS(T) N1(cast_f4, T) N1(cast_f8, T) N1(cast_i2, T) N1(cast_i4, T) N1(cast_i8, T) N1(cast_u1, T)
#define N_REALS(T) N3(div, T) N1(rint, T) N1(floor, T) N1(ceil, T) N1(trunc, T) N1(sqrt, T) N1(isnan, T) N1(round, T)
#define N_SIGNED(T) N1(neg, T) N1(abs, T) N3(floordiv, T) N3(mod, T)
const Named arithmetic_kernels[] = {
    N_NUMBERS(f4) N_NUMBERS(f8) N_NUMBERS(i2) N_NUMBERS(i4) N_NUMBERS(i8)
    N_COMPARE(f4) N_COMPARE(f8) N_COMPARE(i2) N_COMPARE(i4) N_COMPARE(i8) N_COMPARE(u1)
    N_CASTS(f4) N_CASTS(f8) N_CASTS(i2) N_CASTS(i4) N_CASTS(i8) N_CASTS(u1)
    N_REALS(f4) N_REALS(f8) N_SIGNED(f4) N_SIGNED(f8) N_SIGNED(i4) N_SIGNED(i8)
    N3(bitand, i4) N3(bitor, i4) N3(bitand, i8) N3(bitor, i8)
    N3(and, u1) N3(or, u1) N3(xor, u1) N1(not, u1)
    N1(date_DM, i8) N1(date_DY, i8) N1(date_MD, i8) N1(date_MY, i8) N1(date_YD, i8) N1(date_YM, i8)
    N1(span_DY, i8) N1(span_DM, i8) N1(span_MY, i8) N1(span_YM, i8)
    {0, 0}};
