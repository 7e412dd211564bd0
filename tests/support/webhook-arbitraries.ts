import fc from "fast-check";

/** Requests that nobody should send, and some that are almost right. */

/** Text of every kind that has ever broken a parser or a database: NUL, lone surrogates, controls, very long. */
const oddText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "null",
    "NaN",
    "{{level_device_id}}",
    "' or 1=1 --",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "2026-13-45T99:99:99Z",
    "1",
    "-1e400",
    "$1",
    "%s%n",
    "../../etc",
  ),
  fc.integer({ min: 500, max: 5_000 }).map((length) => "x".repeat(length)),
);
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.jsonValue({ maxDepth: 4 }),
  fc.double(),
  fc.bigInt().map(String),
  fc.constantFrom(null, true, [], {}, Number.MAX_SAFE_INTEGER, -0, 1e308),
);

/** A valid value most of the time, otherwise an odd one or none. */
const mostly = <T>(valid: fc.Arbitrary<T>) =>
  fc.oneof(
    { weight: 5, arbitrary: valid as fc.Arbitrary<unknown> },
    { weight: 2, arbitrary: oddValue },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

const id = fc.constantFrom("alert-1", "alert-2", "device-1", "g1").map((text): unknown => text);
const time = fc.date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true });
const instant = time.map((date) => date.toISOString());

const alert = fc.record({
  id: mostly(id),
  device_id: mostly(id),
  device_hostname: mostly(oddText),
  name: mostly(oddText),
  description: mostly(oddText),
  payload: mostly(oddText),
  severity: mostly(fc.constantFrom("critical", "warning")),
  is_resolved: mostly(fc.boolean()),
  started_at: mostly(instant),
  resolved_at: mostly(instant),
});
const nativeTypes = [
  "alert_active",
  "alert_resolved",
  "device_updated",
  "device_deleted",
  "group_created",
  "new_type",
];
const native = fc.record({
  event_type: mostly(fc.constantFrom(...nativeTypes)),
  event_id: mostly(fc.oneof(fc.uuid(), fc.constantFrom("same", "again"))),
  occurred_at: mostly(instant),
  data: mostly(alert),
});
const automation = fc.record({
  event: mostly(fc.constantFrom("alert.triggered", "alert.resolved")),
  alert_id: mostly(id),
  device_id: mostly(id),
  hostname: mostly(oddText),
  name: mostly(oddText),
  severity: mostly(oddText),
  description: mostly(oddText),
});

const long = {
  "100,000 open brackets": "[".repeat(100_000),
  "a secret nested 50,000 deep": `{"token":${"[".repeat(50_000)}${"]".repeat(50_000)}}`,
  "a thousand NULs": `{"a":"${"\\u0000".repeat(1_000)}"}`,
  "one byte too many": " ".repeat(256 * 1024 + 1),
};

/** Short, so that a counterexample can be read: text, bytes that are no text, or the name of something long. */
export type Body = { text: string } | { bytes: number[] } | { long: keyof typeof long };

const textOf = (value: unknown): Body => ({ text: JSON.stringify(value) ?? "" });

export const arbitraryBody: fc.Arbitrary<Body> = fc.oneof(
  { weight: 10, arbitrary: native.map(textOf) },
  { weight: 10, arbitrary: automation.map(textOf) },
  { weight: 4, arbitrary: oddValue.map(textOf) },
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes): Body => ({ bytes: [...bytes] })) },
  { weight: 1, arbitrary: fc.constantFrom({ text: "" }, { text: '{"event_type":"alert_active"' }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...(Object.keys(long) as (keyof typeof long)[]))
      .map((name): Body => ({ long: name })),
  },
);

export const bytesOf = (body: Body): Uint8Array<ArrayBuffer> =>
  "bytes" in body
    ? new Uint8Array(body.bytes)
    : new TextEncoder().encode("text" in body ? body.text : long[body.long]);

/** Bytes that a header may hold, without line ends. */
const headerText = fc
  .array(
    fc.integer({ min: 0x20, max: 0xff }).filter((code) => code !== 0x7f),
    { maxLength: 80 },
  )
  .map((codes) => String.fromCharCode(...codes));
const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 60, maxLength: 68 });

/** Headers without a valid secret. */
export const arbitraryHeaders: fc.Arbitrary<Record<string, string>> = fc
  .record({
    "content-type": fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          "application/json",
          "Application/JSON; charset=utf-8",
          "application/x+json",
        ),
      },
      { weight: 1, arbitrary: headerText },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    "x-level-signature": fc.oneof(
      headerText,
      hex.map((text) => `sha256=${text}`),
      fc.constant(undefined),
    ),
    "x-alga-webhook-secret": fc.oneof(headerText, fc.constant(undefined)),
    "content-length": fc.option(fc.oneof(headerText, fc.integer().map(String)), { nil: undefined }),
    "content-encoding": fc.option(headerText, { nil: undefined }),
  })
  .map((headers) =>
    Object.fromEntries(
      Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  );

export const arbitraryTenant: fc.Arbitrary<string | null | "right"> = fc.oneof(
  { weight: 8, arbitrary: fc.constant("right" as const) },
  { weight: 1, arbitrary: oddText },
  { weight: 1, arbitrary: fc.constantFrom(null, "") },
);
