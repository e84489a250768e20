#include "stat/did.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "stat/regression.h"

#include <math.h>

/* The columns, in this order; the interaction is the last, so that the regression names it where
 * the grades hold it already, and a grade where that one is held by the others. */
enum { CONSTANT, WAVE, TREATED, GRADES };

struct work {
    const struct change_input *input;
    const int *treated, *grade;
    size_t n;    /* rows that are in */
    size_t *row; /* their places */
    int *column; /* of a grade; -1: none of its own */
    size_t n_grades, n_columns;
    double *x;
    struct regression_input regression;
};

static bool is_in(const struct work *s, size_t i) {
    return (s->input->wave[i] == 0 || s->input->wave[i] == 1) &&
           s->treated[s->input->cluster[i]] >= 0;
}

/* Rows by wave and group, and the clusters of each group. */
static bool count(struct work *s, struct arena *arena, struct did *out, struct error *error) {
    const struct change_input *input = s->input;
    unsigned char *seen = arena_array(arena, input->n_clusters, 1);
    size_t cells[2][2] = { { 0, 0 }, { 0, 0 } };
    s->row = arena_array(arena, input->n + 1, sizeof *s->row);
    if (!seen || !s->row) return error_plain(error, "stat.memory");
    for (size_t i = 0; i < input->n; i++) {
        int cluster = input->cluster[i];
        if (cluster < 0 || (size_t)cluster >= input->n_clusters)
            return error_plain(error, "stat.cluster");
        if (!is_in(s, i)) continue;
        s->row[s->n++] = i;
        out->rows[input->wave[i]]++;
        cells[input->wave[i]][s->treated[cluster] > 0]++;
        if (!seen[cluster]) *(s->treated[cluster] > 0 ? &out->treated : &out->others) += 1;
        seen[cluster] = 1;
    }
    if (!cells[0][0] || !cells[0][1] || !cells[1][0] || !cells[1][1])
        return error_plain(error, "stat.did_cells");
    return true;
}

/* A column for each grade that is met but the first. */
static bool number_grades(struct work *s, struct arena *arena) {
    s->column = arena_array(arena, s->n_grades + 1, sizeof *s->column);
    if (!s->column) return false;
    for (size_t g = 0; g < s->n_grades; g++) s->column[g] = -1;
    for (size_t i = 0; i < s->n && s->n_grades; i++) s->column[s->grade[s->row[i]]] = 0;
    s->n_columns = GRADES;
    bool first = true;
    for (size_t g = 0; g < s->n_grades; g++) {
        if (s->column[g] < 0) continue;
        s->column[g] = first ? -1 : (int)s->n_columns++;
        first = false;
    }
    s->n_columns++; /* the interaction */
    return true;
}

static bool pack(struct work *s, struct arena *arena) {
    const struct change_input *input = s->input;
    double *y = arena_array(arena, s->n, input->draws * sizeof *y);
    double *weights = arena_array(arena, s->n, sizeof *weights);
    int *cluster = arena_array(arena, s->n, sizeof *cluster);
    s->x = arena_array(arena, s->n, s->n_columns * sizeof *s->x);
    if (!y || !weights || !cluster || !s->x) return false;
    for (size_t i = 0; i < s->n; i++) {
        size_t row = s->row[i];
        for (size_t d = 0; d < input->draws; d++)
            y[d * s->n + i] = input->values[d * input->n + row];
        weights[i] = input->weights ? input->weights[row] : 1;
        cluster[i] = input->cluster[row];
    }
    s->regression = (struct regression_input){ .n = s->n,
                                               .draws = input->draws,
                                               .y = y,
                                               .x = s->x,
                                               .weights = input->weights ? weights : NULL,
                                               .cluster = cluster,
                                               .n_clusters = input->n_clusters,
                                               .errors = REGRESSION_CR2 };
    return true;
}

static void fill(struct work *s) {
    for (size_t i = 0; i < s->n; i++) {
        size_t row = s->row[i];
        double *x = s->x + i * s->n_columns;
        double wave = s->input->wave[row], treated = s->treated[s->input->cluster[row]] > 0;
        for (size_t c = 0; c < s->n_columns; c++) x[c] = 0;
        x[CONSTANT] = 1;
        x[WAVE] = wave;
        x[TREATED] = treated;
        int column = s->n_grades ? s->column[s->grade[row]] : -1;
        if (column >= 0) x[column] = 1;
        x[s->n_columns - 1] = wave * treated;
    }
    s->regression.n_columns = s->n_columns;
}

/* Takes out the grade that the columns before it hold already (a cohort that is followed has its
 * grade with its wave): the fit is the same without. */
static void drop(struct work *s, int column) {
    for (size_t g = 0; g < s->n_grades; g++) {
        if (s->column[g] == column)
            s->column[g] = -1;
        else if (s->column[g] > column)
            s->column[g]--;
    }
    s->n_columns--;
}

bool did_estimate(const struct change_input *input, const int *treated, const int *grade,
                  size_t n_grades, struct arena *arena, struct did *out, struct error *error) {
    struct work s = {
        .input = input, .treated = treated, .grade = grade, .n_grades = grade ? n_grades : 0
    };
    struct regression regression;
    long long column;
    *out = (struct did){ 0 };
    if (!count(&s, arena, out, error)) return false;
    if (!number_grades(&s, arena) || !pack(&s, arena)) return error_plain(error, "stat.memory");
    for (fill(&s); !regression_fit(&s.regression, arena, &regression, error); fill(&s)) {
        if (!error_is(error, "stat.collinear") ||
            !text_to_int(error_value(error, "column"), 0, (long long)s.n_columns, &column))
            return false;
        if ((size_t)column + 1 >= s.n_columns) return error_plain(error, "stat.did_grades");
        if (column < GRADES) return false;
        drop(&s, (int)column);
    }
    out->grades = s.n_columns - GRADES - 1;
    out->effect = regression.coefficient[s.n_columns - 1];
    return true;
}
