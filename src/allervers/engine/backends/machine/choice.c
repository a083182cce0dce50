/* Choices, constants, tables: only the width of a value matters. */
#include "machine.h"

typedef uint8_t w1;
typedef uint16_t w2;
typedef uint32_t w4;
typedef uint64_t w8;

static inline uint64_t bits(f8 v) { uint64_t b; memcpy(&b, &v, 8); return b; }

/* where(condition a, b, c). The constants lie, as bits, in `x` (if true) and `y` (if false). */
#define WHERE(W)                                                                                                       \
    static void where_##W##_vv(Frame *f, const Step *s) {                                                              \
        ROWS; W *d = f->r[s->d]; const u1 *c = f->r[s->a]; const W *x = f->r[s->b], *y = f->r[s->c];                   \
        EACH { W p = x[i], q = y[i]; d[i] = c[i] ? p : q; } }                                                          \
    static void where_##W##_vs(Frame *f, const Step *s) {                                                              \
        ROWS; W *d = f->r[s->d]; const u1 *c = f->r[s->a]; const W *x = f->r[s->b]; const W q = (W)bits(s->y);         \
        EACH { W p = x[i]; d[i] = c[i] ? p : q; } }                                                                    \
    static void where_##W##_sv(Frame *f, const Step *s) {                                                              \
        ROWS; W *d = f->r[s->d]; const u1 *c = f->r[s->a]; const W *y = f->r[s->c]; const W p = (W)bits(s->x);         \
        EACH { W q = y[i]; d[i] = c[i] ? p : q; } }                                                                    \
    static void where_##W##_ss(Frame *f, const Step *s) {                                                              \
        ROWS; W *d = f->r[s->d]; const u1 *c = f->r[s->a]; const W p = (W)bits(s->x), q = (W)bits(s->y);               \
        EACH { d[i] = c[i] ? p : q; } }                                                                                \
    static void fill_##W(Frame *f, const Step *s) {                                                                    \
        ROWS; W *d = f->r[s->d]; const W p = (W)bits(s->x);                                                            \
        EACH { d[i] = p; } }                                                                                           \
    static void take_##W(Frame *f, const Step *s) {                                                                    \
        ROWS; W *d = f->r[s->d]; const i8 *a = f->r[s->a]; const Table t = f->tables[s->k]; const W *v = t.data;       \
        for (i8 i = 0; i < n; i++) {                                                                                   \
            i8 j = a[i] < 0 ? a[i] + t.length : a[i];                                                                  \
            d[i] = v[j < 0 ? 0 : j >= t.length ? t.length - 1 : j]; } }

WHERE(w1) WHERE(w2) WHERE(w4) WHERE(w8)

#define N_WHERE(W)                                                                                                     \
    {"where_" #W "_vv", where_##W##_vv}, {"where_" #W "_vs", where_##W##_vs}, {"where_" #W "_sv", where_##W##_sv},     \
    {"where_" #W "_ss", where_##W##_ss}, {"fill_" #W, fill_##W}, {"take_" #W, take_##W},
const Named choice_kernels[] = {N_WHERE(w1) N_WHERE(w2) N_WHERE(w4) N_WHERE(w8) {0, 0}};
