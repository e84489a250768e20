/* laerke irt fit: the folder it writes. */
#include "cli/irt_fit.h"

#include "exchange/csv.h"

#include <math.h>

static json_t *groups_json(const struct fitting *f) {
    json_t *groups = json_array();
    for (size_t g = 0; g < f->fit.model.n_groups; g++)
        json_array_append_new(
            groups, json_pack("{s:s, s:I, s:f, s:f, s:f, s:f}", "name", fitting_group(f, g), "n",
                              (json_int_t)f->fit.group_n[g], "mean", f->fit.model.mean[g],
                              "mean_se", f->fit.mean_se[g], "variance", f->fit.model.variance[g],
                              "variance_se", f->fit.variance_se[g]));
    return groups;
}

/* What scoring needs to turn codes into the model's categories. */
static json_t *categories_json(const struct fitting *f) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct irt_item *item = &f->data.items[i];
        json_t *recode = json_array();
        for (int code = item->low; code <= item->high; code++) {
            size_t at = i * CATEGORIES_MAX + (size_t)fitting_category(item, code);
            json_array_append_new(recode, json_integer(f->fit.recode[at]));
        }
        json_array_append_new(list, json_pack("{s:s, s:i, s:i, s:o}", "item", item->name, "low",
                                              item->low, "high", item->high, "recode", recode));
    }
    return list;
}

/* The names of the items that are marked. */
static json_t *named_json(const struct fitting *f, const bool *marked) {
    json_t *list = json_array();
    for (size_t i = 0; i < f->data.n_items; i++)
        if (marked[i]) json_array_append_new(list, json_string(f->data.items[i].name));
    return list;
}

/* ---- what does not fit ---- */

/* JSON has no NaN. */
static json_t *number_json(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *pairs_json(const struct fitting *f) {
    json_t *list = json_array();
    for (size_t b = 1; b < f->data.n_items; b++)
        for (size_t a = 0; a < b; a++) {
            const struct pair_fit *pair = &f->misfit.pair[pair_at(a, b)];
            if (pair_named(pair))
                json_array_append_new(
                    list, json_pack("{s:s, s:s, s:f}", "item_a", f->data.items[a].name, "item_b",
                                    f->data.items[b].name, "q3_adjusted", pair->q3_adjusted));
        }
    return list;
}

static json_t *group_rmsd_json(const struct fitting *f) {
    json_t *list = json_array();
    for (size_t g = 0; f->fit.model.n_groups > 1 && g < f->fit.model.n_groups; g++)
        for (size_t i = 0; i < f->data.n_items; i++)
            if (fitting_group_misfit(f, g, i))
                json_array_append_new(list,
                                      json_pack("{s:s, s:s, s:f}", "group", fitting_group(f, g),
                                                "item", f->data.items[i].name, "rmsd",
                                                f->misfit.group_rmsd[g * f->data.n_items + i]));
    return list;
}

static json_t *misfit_json(const struct fitting *f) {
    json_t *rmsd = json_array(), *disordered = json_array(), *falling = json_array();
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct item_fit *item = &f->misfit.item[i];
        const char *name = f->data.items[i].name;
        if (rmsd_named(item->rmsd, item->n, false)) json_array_append_new(rmsd, json_string(name));
        if (item->disordered) json_array_append_new(disordered, json_string(name));
        if (item->falling) json_array_append_new(falling, json_string(name));
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "rmsd", rmsd, "group_rmsd",
                     group_rmsd_json(f), "disordered", disordered, "falling", falling, "pairs",
                     pairs_json(f), "q3_mean", number_json(f->misfit.q3_mean), "q3_every",
                     (json_int_t)f->misfit.pair_every);
}

static json_t *person_fit_json(const struct fitting *f) {
    return json_pack("{s:I, s:I, s:f}", "n", (json_int_t)f->misfit.lz_n, "careless",
                     (json_int_t)f->misfit.lz_careless, "threshold", LZ_CARELESS);
}

/* ---- model.json ---- */

json_t *fitting_json(const struct fitting *f) {
    const struct fit_result *fit = &f->fit;
    return json_pack(
        "{s:s, s:I, s:I, s:f, s:f, s:I, s:f, s:f, s:i, s:b, s:i, s:f, s:o, s:f, s:f, "
        "s:o, s:o, s:o, s:o, s:o, s:s?, s:s?}",
        "model", model_name(fit->model.model), "persons", (json_int_t)fit->persons, "items",
        (json_int_t)fit->model.n_items, "loglik", fit->loglik, "deviance", fit->deviance,
        "parameters", (json_int_t)fit->parameters, "aic", fit->aic, "bic", fit->bic, "iterations",
        fit->iterations, "converged", fit->converged, "nodes", fit->nodes, "seconds", f->seconds,
        "groups", groups_json(f), "reliability_eap", fit->reliability_eap, "reliability_wle",
        fit->reliability_wle, "categories", categories_json(f), "collapsed",
        named_json(f, fit->collapsed), "priors", named_json(f, fit->prior), "misfit",
        misfit_json(f), "person_fit", person_fit_json(f), "group_column",
        f->group ? f->group->name : NULL, "weight_column", f->weight ? f->weight->name : NULL);
}

/* ---- tables ---- */

static void write_items(const struct fitting *f, struct irt_output *out) {
    fputs("item,step,slope,slope_se,location,location_se\n", out->file);
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct item_parameters *item = &f->fit.model.items[i];
        for (int h = 0; h < item->steps; h++) {
            csv_write_field(out->file, f->data.items[i].name);
            fprintf(out->file, ",%d", h + 1);
            irt_output_number(out, item->slope);
            irt_output_number(out, item->slope_se);
            irt_output_number(out, item->location[h]);
            irt_output_number(out, item->location_se[h]);
            fputc('\n', out->file);
        }
    }
}

static void write_fit(const struct fitting *f, struct irt_output *out) {
    fputs("item,n,mean,outfit,infit,item_rest_correlation,outfit_t,infit_t,rmsd\n", out->file);
    for (size_t i = 0; i < f->data.n_items; i++) {
        const struct item_fit *fit = &f->misfit.item[i];
        const double number[] = {
            fit->n,        fit->mean,    fit->outfit, fit->infit, fit->item_rest_correlation,
            fit->outfit_t, fit->infit_t, fit->rmsd
        };
        csv_write_field(out->file, f->data.items[i].name);
        for (size_t k = 0; k < sizeof number / sizeof *number; k++)
            irt_output_number(out, number[k]);
        fputc('\n', out->file);
    }
}

static void write_groups_fit(const struct fitting *f, struct irt_output *out) {
    fputs("group,item,n,rmsd\n", out->file);
    for (size_t g = 0; g < f->fit.model.n_groups; g++)
        for (size_t i = 0; i < f->data.n_items; i++) {
            csv_write_field(out->file, fitting_group(f, g));
            fputc(',', out->file);
            csv_write_field(out->file, f->data.items[i].name);
            irt_output_number(out, f->misfit.group_n[g * f->data.n_items + i]);
            irt_output_number(out, f->misfit.group_rmsd[g * f->data.n_items + i]);
            fputc('\n', out->file);
        }
}

static void write_pairs(const struct fitting *f, struct irt_output *out) {
    fputs("item_a,item_b,n,q3,q3_adjusted\n", out->file);
    for (size_t b = 1; b < f->data.n_items; b++)
        for (size_t a = 0; a < b; a++) {
            const struct pair_fit *pair = &f->misfit.pair[pair_at(a, b)];
            csv_write_field(out->file, f->data.items[a].name);
            fputc(',', out->file);
            csv_write_field(out->file, f->data.items[b].name);
            irt_output_number(out, pair->n);
            irt_output_number(out, pair->q3);
            irt_output_number(out, pair->q3_adjusted);
            fputc('\n', out->file);
        }
}

const char *fitting_codes(const struct fitting *f, size_t item, int category,
                          char out[CODES_TEXT]) {
    const struct irt_item *own = &f->data.items[item];
    int low = own->high, high = own->low;
    for (int code = own->low; code <= own->high; code++) {
        if (f->fit.recode[item * CATEGORIES_MAX + (size_t)fitting_category(own, code)] != category)
            continue;
        if (code < low) low = code;
        if (code > high) high = code;
    }
    snprintf(out, CODES_TEXT, low < high ? "%d..%d" : "%d", low, high);
    return out;
}

static void write_categories(const struct fitting *f, struct irt_output *out) {
    char codes[CODES_TEXT];
    fputs("item,category,codes,n,n_weighted,share,mean_eap,disordered,falling\n", out->file);
    for (size_t i = 0; i < f->data.n_items; i++)
        for (int k = 0; k <= f->fit.model.items[i].steps; k++) {
            const struct category_use *use = &f->misfit.category[i * CATEGORIES_MAX + (size_t)k];
            csv_write_field(out->file, f->data.items[i].name);
            fprintf(out->file, ",%d,%s,%zu", k, fitting_codes(f, i, k, codes), use->n);
            irt_output_number(out, use->weighted);
            irt_output_number(out, use->share);
            irt_output_number(out, use->mean_eap);
            fprintf(out->file, ",%d,%d\n", use->disordered, use->falling);
        }
}

static const struct table {
    const char *name;
    void (*write)(const struct fitting *f, struct irt_output *out);
} tables[] = { { "items.csv", write_items },
               { "fit.csv", write_fit },
               { "groups_fit.csv", write_groups_fit },
               { "categories.csv", write_categories },
               { "pairs.csv", write_pairs } };

/* model.json last: where it is, the folder is whole. */
bool fitting_write(struct fitting *f, const json_t *json, struct error *error) {
    struct irt_output out;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (!irt_output_open(f->cli, &out, f->dir, tables[i].name, error)) return false;
        tables[i].write(f, &out);
        if (!irt_output_close(&out, error)) return false;
    }
    if (!irt_output_open(f->cli, &out, f->dir, "model.json", error)) return false;
    json_dumpf(json, out.file, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    fputc('\n', out.file);
    return irt_output_close(&out, error);
}
