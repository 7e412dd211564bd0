/**
 * The network that counts as one sender when attempts are counted. The owner of an IPv6 line has 2⁶⁴ addresses and
 * could use a new one for each guess, so all addresses of one 64-bit network count as one.
 */
export function networkOf(ip: string | null): string {
  if (ip === null) return "unknown";
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!plain.includes(":")) return plain;
  const [before = "", after] = plain.toLowerCase().split("::");
  const groups = before === "" ? [] : before.split(":");
  // `::` stands for the missing zeros.
  const rest = after === undefined || after === "" ? [] : after.split(":");
  const all = [...groups, ...Array<string>(Math.max(0, 8 - groups.length - rest.length)).fill("0"), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
