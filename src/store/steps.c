/* SPDX-License-Identifier: Apache-2.0
 * The schema's numbered steps. A step that has been released never changes; each statement can be
 * run twice. Ids are 32 hexadecimal digits, times are microseconds since 1970, flags are 0 or 1.
 * Called by migrate.
 */
#include "store/migrate.h"

#include <stddef.h>

static const char *const step_1[] = {
    "CREATE TABLE IF NOT EXISTS as_account ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "number BIGINT NOT NULL UNIQUE, "
    "email VARCHAR(254) {ascii} UNIQUE, email_proven SMALLINT NOT NULL, "
    "phone VARCHAR(16) {ascii} UNIQUE, phone_proven SMALLINT NOT NULL, "
    "first_name VARCHAR(255) {text}, last_name VARCHAR(255) {text}, "
    "bio VARCHAR(4096) {text}, photo VARCHAR(2048) {ascii}, "
    "password VARCHAR(255) {ascii}, door_id VARCHAR(32) {ascii} NOT NULL, "
    "epoch BIGINT NOT NULL, sign_ins BIGINT NOT NULL, "
    "created_at BIGINT NOT NULL, disabled_at BIGINT NOT NULL, deleted_at BIGINT NOT NULL) {table}",

    /* keyed hashes of the addresses and identities of deleted accounts */
    "CREATE TABLE IF NOT EXISTS as_reserved ("
    "hash VARCHAR(64) {ascii} NOT NULL PRIMARY KEY, "
    "account_id VARCHAR(32) {ascii} NOT NULL, created_at BIGINT NOT NULL) {table}",

    "CREATE TABLE IF NOT EXISTS as_identity ("
    "issuer VARCHAR(255) {ascii} NOT NULL, subject VARCHAR(255) {ascii} NOT NULL, "
    "account_id VARCHAR(32) {ascii} NOT NULL, vendor VARCHAR(64) {ascii} NOT NULL, "
    "created_at BIGINT NOT NULL, PRIMARY KEY (issuer, subject)) {table}",
    "CREATE INDEX IF NOT EXISTS as_identity_account ON as_identity (account_id)",

    "CREATE TABLE IF NOT EXISTS as_pending ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "address VARCHAR(254) {ascii} NOT NULL UNIQUE, "
    "version BIGINT NOT NULL, password VARCHAR(255) {ascii} NOT NULL, conflict SMALLINT NOT NULL, "
    "first_name VARCHAR(255) {text}, last_name VARCHAR(255) {text}, "
    "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL) {table}",

    "CREATE TABLE IF NOT EXISTS as_challenge ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "purpose VARCHAR(16) {ascii} NOT NULL, subject VARCHAR(32) {ascii} NOT NULL, "
    "mac VARCHAR(64) {ascii} NOT NULL, data VARCHAR(320) {ascii} NOT NULL, tries BIGINT NOT NULL, "
    "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT NOT NULL) {table}",
    "CREATE INDEX IF NOT EXISTS as_challenge_subject ON as_challenge (subject, purpose)",
    "CREATE INDEX IF NOT EXISTS as_challenge_expires ON as_challenge (expires_at)",

    "CREATE TABLE IF NOT EXISTS as_tally ("
    "name VARCHAR(64) {ascii} NOT NULL, day BIGINT NOT NULL, n BIGINT NOT NULL, "
    "PRIMARY KEY (name, day)) {table}",

    "CREATE TABLE IF NOT EXISTS as_role ("
    "account_id VARCHAR(32) {ascii} NOT NULL, role VARCHAR(64) {ascii} NOT NULL, "
    "team_id VARCHAR(32) {ascii} NOT NULL, " /* '': in every team and without one */
    "PRIMARY KEY (account_id, role, team_id)) {table}",

    "CREATE TABLE IF NOT EXISTS as_team ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "name VARCHAR(255) {text} NOT NULL, created_at BIGINT NOT NULL) {table}",

    "CREATE TABLE IF NOT EXISTS as_membership ("
    "account_id VARCHAR(32) {ascii} NOT NULL, team_id VARCHAR(32) {ascii} NOT NULL, "
    "created_at BIGINT NOT NULL, PRIMARY KEY (account_id, team_id)) {table}",
    "CREATE INDEX IF NOT EXISTS as_membership_team ON as_membership (team_id)",

    "CREATE TABLE IF NOT EXISTS as_factor ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "account_id VARCHAR(32) {ascii} NOT NULL, kind VARCHAR(16) {ascii} NOT NULL, "
    "sealed TEXT {ascii} NOT NULL, "
    "state SMALLINT NOT NULL, last_step BIGINT NOT NULL, " /* state 0: being set up, 1: on */
    "created_at BIGINT NOT NULL, UNIQUE (account_id, kind)) {table}",

    "CREATE TABLE IF NOT EXISTS as_recovery_code ("
    "account_id VARCHAR(32) {ascii} NOT NULL, hash VARCHAR(64) {ascii} NOT NULL, "
    "used_at BIGINT NOT NULL, PRIMARY KEY (account_id, hash)) {table}",

    "CREATE TABLE IF NOT EXISTS as_app_password ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "account_id VARCHAR(32) {ascii} NOT NULL, name VARCHAR(255) {text} NOT NULL, "
    "hash VARCHAR(64) {ascii} NOT NULL, "
    "created_at BIGINT NOT NULL, used_at BIGINT NOT NULL) {table}",
    "CREATE INDEX IF NOT EXISTS as_app_password_account ON as_app_password (account_id)",

    /* open ones: a finished or withdrawn invitation is gone */
    "CREATE TABLE IF NOT EXISTS as_invitation ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "email VARCHAR(254) {ascii} NOT NULL, "
    "team_id VARCHAR(32) {ascii} NOT NULL, role VARCHAR(64) {ascii} NOT NULL, " /* '': none */
    "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, UNIQUE (email, team_id)) {table}",

    "CREATE TABLE IF NOT EXISTS as_session ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "account_id VARCHAR(32) {ascii} NOT NULL, dialect VARCHAR(32) {ascii} NOT NULL, "
    "team_id VARCHAR(32) {ascii}, "
    "salt VARCHAR(43) {ascii} NOT NULL, generation BIGINT NOT NULL, "
    "rotated_at BIGINT NOT NULL, auth_time BIGINT NOT NULL, amr VARCHAR(64) {ascii} NOT NULL, "
    "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ends_at BIGINT NOT NULL, "
    "ended_at BIGINT NOT NULL, used_at BIGINT NOT NULL, "
    "address VARCHAR(64) {ascii} NOT NULL, agent VARCHAR(255) {text} NOT NULL) {table}",
    "CREATE INDEX IF NOT EXISTS as_session_account ON as_session (account_id)",
    "CREATE INDEX IF NOT EXISTS as_session_expires ON as_session (expires_at)",

    "CREATE TABLE IF NOT EXISTS as_feed ("
    "id INTEGER NOT NULL PRIMARY KEY, seq BIGINT NOT NULL, "
    "epoch VARCHAR(32) {ascii} NOT NULL) {table}",

    "CREATE TABLE IF NOT EXISTS as_revocation ("
    "seq BIGINT NOT NULL PRIMARY KEY, "
    "session_id VARCHAR(32) {ascii}, account_id VARCHAR(32) {ascii}, min_epoch BIGINT NOT NULL, "
    "created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL) {table}",
    "CREATE INDEX IF NOT EXISTS as_revocation_expires ON as_revocation (expires_at)",

    "CREATE TABLE IF NOT EXISTS as_outbox ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "topic VARCHAR(64) {ascii} NOT NULL, channel SMALLINT NOT NULL, payload TEXT {ascii} NOT NULL, "
    "state SMALLINT NOT NULL, next_at BIGINT NOT NULL, lease_until BIGINT NOT NULL, "
    "claim VARCHAR(32) {ascii} NOT NULL, attempts BIGINT NOT NULL, dies_at BIGINT NOT NULL, "
    "reason VARCHAR(255) {text} NOT NULL, "
    "created_at BIGINT NOT NULL, done_at BIGINT NOT NULL) {table}",
    "CREATE INDEX IF NOT EXISTS as_outbox_due ON as_outbox (state, next_at)",
    "CREATE INDEX IF NOT EXISTS as_outbox_topic ON as_outbox (topic)",

    "CREATE TABLE IF NOT EXISTS as_key ("
    "slot BIGINT NOT NULL PRIMARY KEY, sealed TEXT {ascii} NOT NULL, "
    "created_at BIGINT NOT NULL) {table}",

    "CREATE TABLE IF NOT EXISTS as_audit ("
    "id VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, at BIGINT NOT NULL, "
    "event VARCHAR(32) {ascii} NOT NULL, outcome VARCHAR(32) {ascii} NOT NULL, "
    "account_id VARCHAR(32) {ascii}, session_id VARCHAR(32) {ascii}, "
    "factors VARCHAR(64) {ascii}, " /* how the person proved himself, words of RFC 8176 */
    "detail VARCHAR(255) {text}, "  /* which role, team, vendor, … */
    "dialect VARCHAR(32) {ascii}, address VARCHAR(64) {ascii}, agent VARCHAR(255) {text}, "
    "request_id VARCHAR(32) {ascii}) {table}",
    "CREATE INDEX IF NOT EXISTS as_audit_at ON as_audit (at)",
    "CREATE INDEX IF NOT EXISTS as_audit_account ON as_audit (account_id)",
    NULL
};

const char *const *const as_schema_steps[AS_SCHEMA_NEWEST + 1] = { [1] = step_1 };
