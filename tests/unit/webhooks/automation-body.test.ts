import { describe, expect, it } from "vitest";

import { automationForm, automationTemplate } from "~/features/webhooks/webhook-template";
import { readAutomationBody } from "~/connectors/levelio/automation-body";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";

const NOW = new Date("2026-11-02T10:00:00Z");
const read = (text: string) => levelWebhookReader.read("automation", new TextEncoder().encode(text), NOW);

/** The template as Level fills it in: an alert's text unescaped. */
const filled = (name: string) =>
  `{\n  "event": "alert.triggered",\n  "device_id": "d1",\n  "hostname": "PC-1",\n  "name": "${name}",\n  "severity": "warning"\n}`;

describe("an alert's words that break the JSON around them", () => {
  it.each([
    "Disk C:\\ is low",
    "CORP\\user is locked out",
    "C:\\",
    "\\\\server\\share is full",
    'Service "Print Spooler" stopped',
    'Services "Spooler", "BITS" stopped',
    'It ends with "this"',
    "one line\nand another\r\nand a\ttab",
    'Payload {"cpu": 93, "mem": "x"}',
    'a "quote" and C:\\new and a\nbreak',
  ])("%j is read as it is, and marked", (name) => {
    expect(readAutomationBody(filled(name))).toEqual({
      state: "read",
      isRepaired: true,
      fields: { event: "alert.triggered", device_id: "d1", hostname: "PC-1", name, severity: "warning" },
    });
  });

  it.each([
    ["a comma too many", '{"event": "alert.triggered", "hostname": "PC-1", "name": "Disk",}'],
    ["no closing brace", '{"event": "alert.triggered", "hostname": "PC-1", "name": "Disk"'],
    ["a word without quotes", '{"event": "alert.triggered", "hostname": PC-1, "name": "Disk"}'],
    ["other fields", '{"event": "alert.triggered", "group": "A "B" C", "hostname": "PC-1", "name": "Disk"}'],
  ])("and %s are repaired", (_, body) => {
    expect(readAutomationBody(body)).toMatchObject({
      isRepaired: true,
      fields: { event: "alert.triggered", hostname: "PC-1", name: "Disk" },
    });
  });

  it("are kept as they are in valid JSON, which is not marked", () => {
    const fields = { event: "alert.triggered", name: 'C:\\ "x"\n', hostname: "PC-1" };
    expect(readAutomationBody(JSON.stringify(fields))).toEqual({ state: "read", isRepaired: false, fields });
  });

  it.each(["hello", "", "{{level_time}}", "<html>", "[".repeat(100_000), '"'.repeat(100_000)])(
    "are not guessed from %.20j",
    (body) => {
      expect(read(body)).toMatchObject({ state: "unreadable" });
    },
  );

  it("make a signed event unreadable", () => {
    const body = new TextEncoder().encode('{"event_type": "alert_active",}');
    expect(levelWebhookReader.read("signed", body, NOW)).toMatchObject({ state: "unreadable" });
  });

  it.each([
    ["quotes", '"a'.repeat(130_000)],
    ["half members", '{"name":"' + 'x" "name":'.repeat(26_000)],
    ["members", `{${'"name":"x",'.repeat(23_000)}`],
    ["spaces", `{"name"${" ".repeat(250_000)}`],
    ["white space behind quotes", `{"name":"${'"    '.repeat(50_000)}`],
    ["ampersands", `event=${"&".repeat(250_000)}`],
    ["short, and the worst for the library", `{"a":"${'x" '.repeat(2_700)}"}`],
  ])("take no long time to repair, however they break it: %s", (_, body) => {
    const start = process.cpuUsage();
    read(body);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(2_000);
  });
});

describe("form fields", () => {
  it("are read, encoded or not, even with an ampersand in a name", () => {
    const fields = {
      event: "alert.triggered",
      hostname: "PC-1",
      name: 'Fish & "chips" 50%',
      severity: "warning",
    };
    for (const body of [
      new URLSearchParams(fields).toString(),
      `event=alert.triggered&hostname=PC-1&name=Fish & "chips" 50%&severity=warning\n`,
    ]) {
      expect(readAutomationBody(body)).toEqual({ state: "read", isRepaired: false, fields });
    }
  });
});

describe("the template as it is pasted", () => {
  const fill = (text: string) =>
    text.replaceAll(/\{\{(level_\w+)\}\}/g, (_, name: string) =>
      name === "level_time" ? "2026-11-02T09:59:00Z" : `filled ${name}`,
    );

  it.each([
    ["form fields", automationForm],
    ["JSON", automationTemplate],
  ])("as %s reports an alert of its device before anybody has edited it", (_, template) => {
    const body = read(fill(template("alert.triggered")));
    expect(body).toMatchObject({
      state: "read",
      isRepaired: false,
      event: {
        type: "alert.triggered",
        externalDeviceId: "filled level_device_id",
        occurredAt: new Date("2026-11-02T09:59:00Z"),
        message: {
          alert: { deviceHostname: "filled level_device_hostname", severity: "none", providerSeverity: null },
        },
      },
    });
    expect(JSON.stringify(body)).not.toContain("EDIT ME");
    expect(read(fill(template("alert.resolved")))).toMatchObject({ event: { type: "alert.resolved" } });
  });

  it("uses only the variables that Level documents, and marks the rest", () => {
    const documented = ["level_device_id", "level_device_hostname", "level_time"];
    const text = automationTemplate("alert.triggered");
    for (const [, name] of text.matchAll(/\{\{(\w+)\}\}/g)) expect(documented).toContain(name);
    expect(text.match(/EDIT ME/g)).toHaveLength(2);
  });
});
