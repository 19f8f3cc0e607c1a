/* SPDX-License-Identifier: Apache-2.0
 * The contract "bioentrust": its routes, fields and shapes.
 * Never a policy. Called through as_dialect_bioentrust.
 */
#include "api/dialect.h"

#include <string.h>

static as_json_t *encode_home(as_ctx_t *ctx, const void *out)
{
    as_json_t *body = as_json_object(ctx->pool);

    (void)out;
    as_json_set_string(body, "new_data", "Welcome to BioEntrust Auth server");
    return body;
}

static const as_route_t routes[] = {
    { "GET", "/home", AS_PUBLIC, NULL, NULL, 0, 0, 200, encode_home },
    { .path = NULL },
};

static const as_wording_t words[] = { { .text = NULL } };

/* Two shapes: one for the pages and for faults, another for the rest. */
static as_json_t *refuse(as_ctx_t *ctx, const as_refusal_t *refusal, int *status)
{
    as_json_t *body = as_json_object(ctx->pool);

    if (*status == 500 || strcmp(refusal->path, "/home") == 0
        || strcmp(refusal->path, "/protected") == 0) {
        as_json_set_string(body, "status", "error");
        as_json_set_string(body, "message", refusal->text);
    } else {
        as_json_set_string(body, "error", refusal->text);
    }
    return body;
}

const as_dialect_t as_dialect_bioentrust = {
    .name = "bioentrust",
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
