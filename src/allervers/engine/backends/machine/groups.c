/* From persons to their group and back. `k`: kind of group (0 to 2); `k2`: a role. In an aligned block the persons of
   place j are side by side, in the order of households, so that these are sums and copies of whole runs. */
#include "machine.h"

typedef uint8_t w1;
typedef uint16_t w2;
typedef uint32_t w4;
typedef uint64_t w8;

static inline uint64_t bits(f8 v) { uint64_t b; memcpy(&b, &v, 8); return b; }
#define RUN(j) const i8 from = f->block.start[j], m = f->block.start[(j) + 1] - from
#define ALONG _Pragma("GCC ivdep") for (i8 i = 0; i < m; i++)

#define MOVES(W)                                                                                                       \
    static void project_##W(Frame *f, const Step *s) {                                                                 \
        W *d = f->r[s->d]; const W *a = f->r[s->a]; const Block *b = &f->block;                                        \
        if (b->aligned) { for (i4 j = 0; j < b->places; j++) { RUN(j); memcpy(d + from, a, m * sizeof(W)); } return; } \
        const i4 *g = f->structure->group[s->k] + b->first[0]; const i4 g0 = b->first[s->k + 1];                       \
        for (i8 i = 0; i < b->rows[0]; i++) d[i] = a[g[i] - g0]; }                                                     \
    static void picked_##W(Frame *f, const Step *s, const i4 *who) {                                                   \
        ROWS; W *d = f->r[s->d]; const W *a = f->r[s->a]; const W other = (W)bits(s->y); const i4 p0 = f->block.first[0]; \
        for (i8 i = 0; i < n; i++) { const i4 j = who[i] - p0; d[i] = who[i] < 0 ? other : a[j < 0 ? 0 : j]; } }       \
    static void of_role_##W(Frame *f, const Step *s) {                                                                 \
        picked_##W(f, s, f->structure->holder[s->k2] + f->block.first[s->k + 1]); }                                    \
    static void nth_##W(Frame *f, const Step *s) {                                                                     \
        ROWS; W *d = f->r[s->d]; const W *a = f->r[s->a]; const W other = (W)bits(s->y); const Block *b = &f->block;   \
        if (b->aligned) {                                                                                              \
            i8 m = 0;                                                                                                  \
            if (s->k2 < b->places) { m = b->start[s->k2 + 1] - b->start[s->k2]; memcpy(d, a + b->start[s->k2], m * sizeof(W)); } \
            for (i8 i = m; i < n; i++) d[i] = other;                                                                   \
        } else if (s->k2 < f->structure->places[s->k]) picked_##W(f, s, f->structure->nth[s->k][s->k2] + b->first[s->k + 1]); \
        else for (i8 i = 0; i < n; i++) d[i] = other; }

MOVES(w1) MOVES(w2) MOVES(w4) MOVES(w8)

/* Sum over the members, in the order of persons from 0.0, of those who hold the role `k2` (-1: everybody). */
static void sum_f8(Frame *f, const Step *s) {
    ROWS;
    f8 *d = f->r[s->d];
    const f8 *a = f->r[s->a];
    const Block *b = &f->block;
    const u1 *held = s->k2 < 0 ? 0 : f->structure->held[s->k2] + b->first[0];
    for (i8 i = 0; i < n; i++) d[i] = 0.0;
    if (b->aligned) {
        for (i4 j = 0; j < b->places; j++) {
            RUN(j);
            const f8 *x = a + from;
            if (held) { const u1 *h = held + from; ALONG { f8 v = x[i]; d[i] += h[i] ? v : 0.0; } }
            else ALONG { d[i] += x[i]; }
        }
        return;
    }
    const i4 *g = f->structure->group[s->k] + b->first[0];
    const i4 g0 = b->first[s->k + 1];
    for (i8 i = 0; i < b->rows[0]; i++)
        if (!held || held[i]) d[g[i] - g0] += a[i];
}

#define REDUCE(NAME, T, NEUTRAL, EXPR)                                                                                 \
    static void NAME(Frame *f, const Step *s) {                                                                        \
        ROWS; T *d = f->r[s->d]; const T *a = f->r[s->a]; const Block *b = &f->block;                                  \
        for (i8 i = 0; i < n; i++) d[i] = NEUTRAL;                                                                     \
        if (b->aligned) {                                                                                              \
            for (i4 j = 0; j < b->places; j++) { RUN(j); const T *v = a + from; ALONG { const T x = d[i], y = v[i]; d[i] = EXPR; } } \
            return; }                                                                                                  \
        const i4 *g = f->structure->group[s->k] + b->first[0]; const i4 g0 = b->first[s->k + 1];                       \
        for (i8 i = 0; i < b->rows[0]; i++) { const T x = d[g[i] - g0], y = a[i]; d[g[i] - g0] = EXPR; } }
REDUCE(group_max, f8, -INFINITY, (x >= y) | (x != x) ? x : y)
REDUCE(group_min, f8, INFINITY, (x <= y) | (x != x) ? x : y)
REDUCE(group_all, u1, 1, x & y)

/* Rank of each person in its group, from the smallest value; equal values in the order of persons, NaN last. */
static inline int before(f8 x, f8 y) { return x < y || (y != y && x == x); }
static void rank(Frame *f, const Step *s) {
    i8 *d = f->r[s->d];
    const f8 *a = f->r[s->a];
    const Block *b = &f->block;
    const i4 g0 = b->first[s->k + 1], p0 = b->first[0], places = b->aligned ? b->places : f->structure->places[s->k];
    for (i8 h = 0; h < b->rows[s->k + 1]; h++)
        for (i4 j = 0; j < places; j++) {
            i4 me = f->structure->nth[s->k][j][g0 + h];
            if (me < 0) break;
            i8 r = 0;
            for (i4 l = 0; l < places; l++) {
                i4 other = f->structure->nth[s->k][l][g0 + h];
                if (other < 0) break;
                const f8 x = a[other - p0], y = a[me - p0];
                r += before(x, y) || (!before(y, x) && l < j);
            }
            d[me - p0] = r;
        }
}

#define N_MOVES(W) {"project_" #W, project_##W}, {"of_role_" #W, of_role_##W}, {"nth_" #W, nth_##W},
const Named group_kernels[] = {
    N_MOVES(w1) N_MOVES(w2) N_MOVES(w4) N_MOVES(w8)
    {"sum_f8", sum_f8}, {"group_max", group_max}, {"group_min", group_min}, {"group_all", group_all}, {"rank", rank},
    {0, 0}};
