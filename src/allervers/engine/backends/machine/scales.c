/* Scales of the law. A table holds [decimals or NaN, thresholds..., (infinity)] and, for amounts, the rates. */
#include "machine.h"

static inline f8 rounded(f8 v, f8 p) { return rint(v * p) / p; }

/* Tax by a marginal scale, bracket after bracket: thresholds times `factor` (register b, or the constant x).
   The bounds are compared so that NaN goes through, as in numpy's minimum and maximum.
   Table: rounding power of ten (NaN: none), then (threshold, next threshold, rate) for each bracket with a rate. */
static void marginal(Frame *f, const Step *s) {
    ROWS;
    f8 *d = f->r[s->d];
    const f8 *a = f->r[s->a], *b = s->b >= 0 ? f->r[s->b] : 0, *t = f->tables[s->k].data;
    const i8 brackets = (f->tables[s->k].length - 1) / 3;
    const f8 p = t[0], eps = 2.220446049250313e-16, one = s->x + eps;
    const int rounds = p == p;
    EACH { d[i] = 0.0; }
    for (i8 j = 0; j < brackets; j++) {
        const f8 low = t[1 + 3 * j], high = t[2 + 3 * j], rate = t[3 + 3 * j];
        if (!b) {
            f8 first = one * low, last = one * high;
            if (rounds) { first = rounded(first, p); last = last == INFINITY ? last : rounded(last, p); }
            if (rounds)
                EACH { f8 v = (last < a[i] ? last : a[i]) - first; v = 0 > v ? 0 : v; d[i] += rounded(rounded(v, p) * rate, p); }
            else
                EACH { f8 v = (last < a[i] ? last : a[i]) - first; v = 0 > v ? 0 : v; d[i] += v * rate; }
        } else if (rounds) {
            EACH {
                f8 m = b[i] + eps, first = rounded(m * low, p), last = rounded(m * high, p);
                f8 v = (last < a[i] ? last : a[i]) - first; v = 0 > v ? 0 : v; d[i] += rounded(rounded(v, p) * rate, p); }
        } else {
            EACH {
                f8 m = b[i] + eps, first = m * low, last = m * high;
                f8 v = (last < a[i] ? last : a[i]) - first; v = 0 > v ? 0 : v; d[i] += v * rate; }
        }
    }
}

/* Position of the bracket (-1 under the first). Table: rounding power (NaN: none), thresholds. */
static void bracket(Frame *f, const Step *s) {
    ROWS;
    i8 *d = f->r[s->d];
    const f8 *a = f->r[s->a], *b = s->b >= 0 ? f->r[s->b] : 0, *t = f->tables[s->k].data;
    const i8 count = f->tables[s->k].length - 1;
    const f8 p = t[0], eps = 2.220446049250313e-16;
    EACH { d[i] = -1; }
    for (i8 j = 0; j < count; j++)
        EACH {
            f8 limit = ((b ? b[i] : s->x) + eps) * t[1 + j];
            if (p == p) limit = rounded(limit, p);
            d[i] += a[i] - limit >= 0; }
}

/* Number of thresholds at or under the value (`k2`: strictly under). NaN is above all, as numpy sorts it. */
static void digitize(Frame *f, const Step *s) {
    ROWS;
    i8 *d = f->r[s->d];
    const f8 *a = f->r[s->a], *t = f->tables[s->k].data;
    const i8 count = f->tables[s->k].length;
    EACH { d[i] = 0; }
    for (i8 j = 0; j < count; j++) {
        const f8 limit = t[j];
        if (s->k2) EACH { d[i] += (a[i] > limit) | (a[i] != a[i]); } else EACH { d[i] += (a[i] >= limit) | (a[i] != a[i]); }
    }
}

const Named scale_kernels[] = {{"marginal", marginal}, {"bracket", bracket}, {"digitize", digitize}, {0, 0}};
