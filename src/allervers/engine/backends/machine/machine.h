/* The native machine: runs the steps of a program over blocks of households. Shared declarations.
   A value has the type that numpy gives it; nothing is fused or reordered, so that results are numpy's, bit for bit. */
#ifndef ALLERVERS_MACHINE_H
#define ALLERVERS_MACHINE_H
#include <stdint.h>
#include <math.h>
#include <string.h>

typedef uint8_t u1;
typedef int16_t i2;
typedef int32_t i4;
typedef int64_t i8;
typedef float f4;
typedef double f8;

/* One step: `kernel` writes register `d` from registers `a`, `b`, `c`, for the rows of entity `rows`.
   `x`, `y`: constants (a whole number or a truth value lies in the bits of `y` or is `(i8)x`). `k`: a table or a group. */
typedef struct {
    i4 kernel, rows, d, a, b, c, k, k2;
    f8 x, y;
} Step;

typedef struct {
    const void *data;
    i8 length;
} Table;

/* Where the persons and groups of a block are. Positions are absolute; `first` turns them into the block's own. */
typedef struct {
    const i4 *group[3];   /* group of each person */
    const i4 **nth[3];    /* nth[g][place]: person at this place of each group, -1 */
    i4 places[3];         /* number of places known for each kind of group */
    const i4 **holder;    /* holder[k]: person who holds role k in each group, -1 */
    const u1 **held;      /* held[k]: whether each person holds role k */
} Structure;

typedef struct {
    i4 rows[4], first[4]; /* persons, then the three kinds of groups */
    i4 aligned, places;   /* aligned: one group of each kind a household, persons laid out place by place */
    const i4 *start;      /* start[j]: first person of place j; start[j + 1] - start[j]: households that have one */
} Block;

typedef struct {
    Block block;
    const Structure *structure;
    const Table *tables;
    void **r;
} Frame;

typedef void (*Kernel)(Frame *f, const Step *s);
typedef struct {
    const char *name;
    Kernel run;
} Named;

extern const Named arithmetic_kernels[], choice_kernels[], scale_kernels[], group_kernels[];
#define ROWS const i8 n = f->block.rows[s->rows]
#define EACH _Pragma("GCC ivdep") for (i8 i = 0; i < n; i++)
#endif
