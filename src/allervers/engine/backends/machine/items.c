/* Texts of a column as positions among the items of an enumeration. A text is `width` characters of 32 bits, zeros after. */
#include "machine.h"

enum { PLACES = 4096 };

static inline uint64_t spread(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return (x ^ (x >> 31)) | 1;
}

static inline uint32_t place(const uint32_t *text, const uint64_t *factor, i4 width) {
    uint64_t total = 0;
    for (i4 i = 0; i < width; i++) total += text[i] * factor[i];
    return (uint32_t)(total >> 52);
}

/* Returns 0, or 1 when a text is none of the items (or there are more of them, or longer, than it takes). */
int machine_items(const uint32_t *texts, i8 n, i4 width, const uint32_t *items, i4 count, i2 *positions) {
    enum { LIMIT = 256 };
    uint64_t factor[LIMIT];
    i2 table[PLACES];
    if (width > LIMIT || count > PLACES / 4) return 1;
    for (i4 i = 0; i < width; i++) factor[i] = spread(i + 1);
    memset(table, 0xff, sizeof table);
    for (i4 k = 0; k < count; k++) {
        uint32_t at = place(items + (i8)k * width, factor, width);
        while (table[at] >= 0) at = (at + 1) % PLACES;
        table[at] = (i2)k;
    }
    for (i8 row = 0; row < n; row++) {
        const uint32_t *text = texts + row * width;
        uint32_t at = place(text, factor, width);
        while (table[at] >= 0 && memcmp(items + (i8)table[at] * width, text, 4u * width)) at = (at + 1) % PLACES;
        if (table[at] < 0) return 1;
        positions[row] = table[at];
    }
    return 0;
}
