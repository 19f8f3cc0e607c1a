// SPDX-License-Identifier: Apache-2.0
//
// node check.mjs DOCUMENTS [RECORDING]: holds OpenAPI documents to the standard, each recorded
// exchange to the document of its mount, and the recording of all cases to the rows: every status
// that is a route's own was seen. Prints TAP. Never talks to a server. Called by t/openapi.t.
//
// DOCUMENTS is {host: [{base, only, document}, …]}; "only" is the one route of a mount that has no
// more. RECORDING is what AuthSvc::Recording writes.
import { readFileSync } from 'node:fs';

import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const MAIN = 'main.test'; // its documents name the rows that cases must show

// What any route may answer, and no case of each has to show.
const COMMON = new Set(['413', '415', '429', '500', '503']);

// Of a route that reads no members 400 is common, too, unless it has a meaning of its own there.
const ALSO_OWN = new Set(['/auth-controller/auth POST /two-factor/setup 400']);

// Members that are wrong are 422 here, and no address is: what remains is a body that was cut off.
const NOT_OWN = new Set([
    '/trainova/auth POST /forgot-password 400',
    '/trainova/auth POST /resend 400',
]);

let count = 0;

function test(name, faults) {
    console.log(`${faults.length ? 'not ok' : 'ok'} ${++count} - ${name}`);
    faults.forEach((fault) => console.log(`#   ${fault}`));
}

// ---- documents ----

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
addFormats(ajv);
const compiled = new Map(); // by schema

function operationsOf(document) {
    return Object.entries(document.paths).flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) =>
            ({ path, method: method.toUpperCase(), operation })));
}

function resolve(document, schema) {
    const steps = schema.$ref?.slice(2).split('/') ?? [];
    return steps.length ? steps.reduce((at, step) => at[step], document) : schema;
}

// What is wrong with a value, as texts.
function faultsOf(document, schema, value) {
    const plain = resolve(document, schema);
    if (!compiled.has(plain)) {
        compiled.set(plain, ajv.compile(plain));
    }
    const validate = compiled.get(plain);
    return validate(value) ? []
        : validate.errors.map((error) => `${error.instancePath || 'the body'} ${error.message}`);
}

function schemasOf(document) {
    const contents = operationsOf(document).flatMap(({ operation }) =>
        [operation.requestBody, ...Object.values(operation.responses)]);
    return contents.filter((content) => content?.content)
        .map((content) => content.content['application/json'].schema);
}

async function documentFaults(document) {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    const faults = valid ? [] : [errors].flat().map((error) => JSON.stringify(error));
    const ids = operationsOf(document).map(({ operation }) => operation.operationId);
    for (const id of ids.filter((each, at) => ids.indexOf(each) !== at)) {
        faults.push(`two operations have the id ${id}`);
    }
    for (const schema of schemasOf(document)) {
        try {
            faultsOf(document, schema, null);
        } catch (error) {
            faults.push(error.message);
        }
    }
    return faults;
}

// ---- one exchange ----

const bytesOf = (text) => Buffer.from(text, 'latin1'); // the recording has a character an octet

function parse(text) {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(text)));
}

function mountOf(mounts, path) {
    return mounts.filter(({ base }) => path === base || path.startsWith(`${base}/`))
        .sort((a, b) => b.base.length - a.base.length)[0];
}

function segmentFits(wanted, got, parameters) {
    const name = wanted.match(/^\{(.*)\}$/)?.[1];
    const names = parameters.find((each) => each.name === name)?.schema.enum;
    return name ? got !== '' && (!names || names.includes(got)) : wanted === got;
}

function pathFits(path, operation, below) {
    const wanted = path.split('/');
    const got = below.split('/');
    return wanted.length === got.length && wanted.every((segment, at) =>
        segmentFits(segment, got[at], operation.parameters ?? []));
}

// {path, method, operation} of what a mount answers there, or undefined.
function targetOf(mount, method, below) {
    const wanted = method === 'HEAD' ? 'GET' : method;
    return operationsOf(mount.document).find((each) => each.method === wanted
        && (!mount.only || each.path === mount.only) && pathFits(each.path, each.operation, below));
}

function bodyFaults(document, response, reply) {
    if (!response.content) {
        return reply.body === '' ? [] : ['a body where there is to be none'];
    }
    if (reply.type !== 'application/json') {
        return [`its type is ${reply.type}`];
    }
    try {
        return faultsOf(document, response.content['application/json'].schema, parse(reply.body));
    } catch (error) {
        return [error.message];
    }
}

// Whether what was let in was as the document says it has to be.
function requestFaults(document, operation, exchange) {
    const [, query = ''] = exchange.path.split('?');
    const absent = (operation.parameters ?? []).filter((each) =>
        each.in === 'query' && each.required && !new URLSearchParams(query).has(each.name));
    const faults = absent.map((each) => `it was let in without the parameter ${each.name}`);
    if (!operation.requestBody || (!exchange.sent && !operation.requestBody.required)) {
        return faults;
    }
    const { schema } = operation.requestBody.content['application/json'];
    const found = exchange.sent ? faultsOf(document, schema, parse(exchange.sent)) : ['no body'];
    return faults.concat(found.map((fault) => `it was let in with: ${fault}`));
}

const schemaOfRefusal = { $ref: '#/components/schemas/Refusal' };
const refusal = { content: { 'application/json': { schema: schemaOfRefusal } } };

// Of a request to no row: a method or a path that is not there.
function strayFaults(mount, exchange) {
    const allowed = { OPTIONS: [204, 404], HEAD: [404, 405] }[exchange.method] ?? [404, 405];
    if (!allowed.includes(exchange.status)) {
        return [`${exchange.status} where there is no such row`];
    }
    return ['OPTIONS', 'HEAD'].includes(exchange.method) && exchange.body === '' ? []
        : bodyFaults(mount.document, refusal, exchange);
}

function exchangeFaults(mount, target, exchange) {
    if (!target) {
        return strayFaults(mount, exchange);
    }
    const response = target.operation.responses[exchange.status];
    if (!response) {
        return [`${exchange.status} is not documented`];
    }
    if (exchange.method === 'HEAD') {
        return exchange.body === '' ? [] : ['a body with HEAD'];
    }
    const faults = bodyFaults(mount.document, response, exchange);
    return exchange.status >= 300 ? faults
        : faults.concat(requestFaults(mount.document, target.operation, exchange));
}

// The path that the server sees: without a query, dots resolved, octets decoded, slashes merged.
function plainPath(path) {
    const { pathname } = new URL(`http://localhost${path}`);
    try {
        return decodeURIComponent(pathname).replace(/\/+/g, '/');
    } catch {
        return pathname;
    }
}

// ---- all of them ----

// {"base METHOD path": {count, faults}} of a recording; fills seen with "base METHOD path status",
// the path as it was asked for, of the cases alone.
function checkAll(documents, exchanges, seen) {
    const found = {};
    for (const exchange of exchanges) {
        const path = plainPath(exchange.path);
        const mount = mountOf(documents[exchange.host] ?? [], path);
        if (!mount || path === `${mount.base}/openapi.json`) {
            continue;
        }
        const below = mount.only ? mount.only + path.slice(mount.base.length)
            : path.slice(mount.base.length) || '/';
        const target = targetOf(mount, exchange.method, below);
        const name = target ? `${mount.base} ${target.method} ${target.path}`
            : `${mount.base} beside the rows`;
        found[name] ??= { count: 0, faults: [] };
        found[name].count++;
        found[name].faults.push(...exchangeFaults(mount, target, exchange).map((fault) =>
            `${exchange.host} ${exchange.method} ${exchange.path} ${exchange.status}: ${fault}`));
        if (target && exchange.by === 'cases') {
            seen.add(`${mount.base} ${exchange.method} ${below} ${exchange.status}`);
            seen.add(`${mount.base} ${exchange.method} ${target.path} ${exchange.status}`);
        }
    }
    return found;
}

// A path once for each name that a parameter can have; other parameters stay in braces.
function variantsOf(path, operation) {
    return (operation.parameters ?? []).filter((each) => each.schema.enum).reduce((paths, each) =>
        paths.flatMap((one) => each.schema.enum.map((name) => one.replace(`{${each.name}}`, name))),
    [path]);
}

function ownStatuses(mount, { path, method, operation }) {
    const reads = operation.requestBody
        || (operation.parameters ?? []).some((each) => each.in === 'query');
    return Object.keys(operation.responses).filter((status) => {
        const row = `${mount.base} ${method} ${path} ${status}`;
        return !COMMON.has(status) && !NOT_OWN.has(row)
            && (status !== '400' || reads || ALSO_OWN.has(row));
    });
}

function rowsOf(mount) {
    return operationsOf(mount.document).filter(({ path }) => !mount.only || path === mount.only)
        .flatMap((target) => variantsOf(target.path, target.operation).flatMap((path) =>
            ownStatuses(mount, target).map((status) =>
                `${mount.base} ${target.method} ${path} ${status}`)));
}

function testRows(mounts, seen) {
    for (const mount of mounts) {
        const rows = rowsOf(mount);
        test(`${mount.base}: no row is without a case (of ${rows.length})`,
            rows.filter((row) => !seen.has(row)).map((row) => `missing: ${row}`));
    }
    const rows = new Set(mounts.flatMap((mount) => operationsOf(mount.document).flatMap((each) =>
        Object.keys(each.operation.responses).map((status) =>
            `${mount.base} ${each.method} ${each.path} ${status}`))));
    test('what is excepted is in a document, and not in a case',
        [...NOT_OWN].filter((row) => !rows.has(row) || seen.has(row))
            .concat([...ALSO_OWN].filter((row) => !rows.has(row))));
}

const [documentFile, recordingFile] = process.argv.slice(2);
const documents = JSON.parse(readFileSync(documentFile, 'utf8'));
for (const [host, mounts] of Object.entries(documents)) {
    for (const { base, only, document } of mounts) {
        if (!only) {
            test(`${host}${base}: the document is OpenAPI 3.1`, await documentFaults(document));
        }
    }
}
if (recordingFile) {
    const [head, ...exchanges] = readFileSync(recordingFile, 'utf8').trim().split('\n')
        .map((line) => JSON.parse(line));
    const seen = new Set();
    const found = checkAll(documents, exchanges, seen);
    for (const name of Object.keys(found).sort()) {
        const { count: replies, faults } = found[name];
        test(`${name}: as documented (${replies} replies)`, faults);
    }
    if (head.complete) {
        testRows(documents[MAIN], seen);
    }
}
console.log(`1..${count}`);
