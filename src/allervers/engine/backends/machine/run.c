/* The loop: for each block, columns are laid out in the block's order, the steps run, the outputs are written back. */
#include "machine.h"
#include <stdlib.h>

static Named all[2048];
static int known = 0;

/* Name of kernel number i, or 0 after the last: the steps of a program name kernels by these numbers. */
const char *machine_kernel(int i) {
    if (!known) {
        const Named *themes[] = {arithmetic_kernels, choice_kernels, scale_kernels, group_kernels};
        for (int t = 0; t < 4; t++)
            for (const Named *k = themes[t]; k->name; k++) all[known++] = *k;
    }
    return i < known ? all[i].name : 0;
}

/* A column in memory: width in bytes, entity, values in the order of the population. `wide`: the values are reals of 64
   bits, for a register of 32: they are converted, and must lie within `limit`, while they are laid out. */
typedef struct {
    i4 width, rows;
    f8 limit;
    void *data;
    i4 wide, unused;
} Column;

/* A register that is no memory of ours: a column of the structure, already in the order of blocks. */
typedef struct {
    i4 reg, width;
    const void *data;
} Fixed;

/* Steps that are no kernels: lay column `k` out in the block's order, write output `k` back. */
enum { LOAD = -1, STORE = -2 };

typedef struct {
    i4 blocks, registers, steps, fixed_count, capacity[4];
    const Step *step;
    const i4 *reg_rows, *reg_width;  /* entity and width of each register; width 0: a fixed one */
    const Column *input, *output;
    const i4 *order[4];              /* order[e][i]: row of the population that is row i in the order of blocks */
    const Block *block;
    Structure structure;
    const Table *table;
    const Fixed *fixed;
} Run;

#define COPY(T, TO, FROM)                                                                                              \
    { T *d_ = (T *)(TO); const T *a_ = (const T *)(FROM); for (i8 i = 0; i < n; i++) d_[i] = a_[o[i]]; }
static void gathered(void *to, const void *from, const i4 *o, i8 n, i4 width) {
    if (width == 1) COPY(uint8_t, to, from) else if (width == 2) COPY(uint16_t, to, from)
    else if (width == 4) COPY(uint32_t, to, from) else COPY(uint64_t, to, from)
}
static int narrowed(f4 *to, const f8 *from, const i4 *o, i8 n, f8 limit) {
    int out = 0;
    for (i8 i = 0; i < n; i++) {
        const f8 x = from[o[i]];
        out |= !(fabs(x) <= limit);
        to[i] = (f4)x;
    }
    return out;
}
#define BACK(T, TO, FROM)                                                                                              \
    { T *d_ = (T *)(TO); const T *a_ = (const T *)(FROM); for (i8 i = 0; i < n; i++) d_[o[i]] = a_[i]; }
static void scattered(void *to, const void *from, const i4 *o, i8 n, i4 width) {
    if (width == 1) BACK(uint8_t, to, from) else if (width == 2) BACK(uint16_t, to, from)
    else if (width == 4) BACK(uint32_t, to, from) else BACK(uint64_t, to, from)
}

/* Bytes of memory that one thread needs. */
i8 machine_memory(const Run *run) {
    i8 total = 64;
    for (i4 i = 0; i < run->registers; i++)
        total += ((i8)run->capacity[run->reg_rows[i]] * run->reg_width[i] + 63) / 64 * 64;
    return total;
}

/* Runs blocks first, first + stride, ... Returns 0, 1 when there is no memory, 2 when a wide column is out of limits. */
int machine_run(const Run *run, i4 first, i4 stride) {
    machine_kernel(0);
    char *memory = malloc(machine_memory(run));
    void **r = malloc(sizeof(void *) * (run->registers + 1));
    if (!memory || !r) { free(memory); free(r); return 1; }
    char *next = (char *)(((uintptr_t)memory + 63) / 64 * 64);
    for (i4 i = 0; i < run->registers; i++) {
        r[i] = next;
        next += ((i8)run->capacity[run->reg_rows[i]] * run->reg_width[i] + 63) / 64 * 64;
    }
    int out = 0;
    for (i4 b = first; b < run->blocks; b += stride) {
        Frame frame = {run->block[b], &run->structure, run->table, r};
        const Block *block = &frame.block;
        for (i4 i = 0; i < run->fixed_count; i++) {
            const Fixed *x = &run->fixed[i];
            r[x->reg] = (char *)x->data + (i8)block->first[run->reg_rows[x->reg]] * x->width;
        }
        for (const Step *s = run->step, *end = s + run->steps; s < end; s++) {
            if (s->kernel >= 0) { all[s->kernel].run(&frame, s); continue; }
            const Column *c = s->kernel == LOAD ? &run->input[s->k] : &run->output[s->k];
            const i4 *order = run->order[c->rows] + block->first[c->rows];
            if (s->kernel == LOAD && c->wide) out |= narrowed(r[s->d], c->data, order, block->rows[c->rows], c->limit);
            else if (s->kernel == LOAD) gathered(r[s->d], c->data, order, block->rows[c->rows], c->width);
            else scattered(c->data, r[s->a], order, block->rows[c->rows], c->width);
        }
    }
    free(memory);
    free(r);
    return out ? 2 : 0;
}
