/**
 * Serial numbers and MAC addresses that vendors and software give to many machines: facts, without code.
 * Sources: the black lists that GLPI (`glpi_blacklists`), its inventory plugin and OCS Inventory
 * (`blacklist_serials`, `blacklist_macaddresses`) ship with, Dell OpenManage's `COMMON_MAC_ADDRESSES`, RFC 9568 (VRRP),
 * and the adapters' makers. Only what the rules of `identity.ts` do not find without a list is listed.
 */

/** Compared without case, blanks and punctuation. */
export const placeholderSerials = [
  "(null string)",
  "BASE BOARD SERIAL NUMBER",
  "BOCHS",
  "CHASSIS SERIAL NUMBER",
  "DEFAULT STRING",
  "EMPTY",
  "EVAL",
  "GOOGLECLOUD",
  "IATPASS",
  "INVALID",
  "N/A",
  "NO SERIAL NUMBER",
  "NONE",
  "NOT APPLICABLE",
  "NOT AVAILABLE",
  "NOT DEFINED",
  "NOT PRESENT",
  "NOT PROVIDED",
  "NOT SET",
  "NOT SPECIFIED",
  "NULL",
  "OEM_Serial",
  "O.E.M.",
  "OUT OF SPEC",
  "BAD INDEX",
  "PARALLELS",
  "QEMU",
  "SERIAL NUMBER",
  "Serial Number xxxxxx",
  "SN-12345",
  "SN-123456fvgv3i0b8o5n6n7k",
  "STANDARD",
  "SYS-9876543210",
  "SYSTEM",
  "SYSTEM SERIAL NUMBER",
  "TO BE FILLED BY O.E.M.",
  "Tulip Computers",
  "UNDEFINED",
  "UNKNOWN",
  "VIRTUALBOX",
  "VMWARE",
];

/** Makers and models that boards come with; compared likewise. */
export const placeholderModels = [
  "All Series",
  "Product Name",
  "System Manufacturer",
  "System Name",
  "System Product Name",
];

/** Whole addresses, as 12 hexadecimal digits. */
export const sharedMacs = [
  "0001027d9b1c",
  "00059a3c7a00", // Cisco AnyConnect
  "0008a1460635",
  "0008a166e21a",
  "00090faa0001", // Fortinet virtual adapter
  "00090ffe0001", // Fortinet SSL VPN
  "0009dd103768",
  "000fea9ae2f0",
  "00105a7271f3",
  "00111185088b",
  "005345000000", // Microsoft dial-up
  "00a0c6000000", // Qualcomm mobile broadband
  "080027000000", // VirtualBox host
  "204153594eff", // Microsoft RAS, asynchronous
  "505054503030", // Microsoft WAN miniport, PPTP
];

/** Prefixes of addresses that software generates on each host, or assigns to every host alike. */
export const softwareMacPrefixes = [
  "00000c07ac", // HSRP
  "00005e0001", // VRRP
  "00005e0002", // VRRP over IPv6
  "000bcafe00", // Juniper Network Connect
  "00155d", // Hyper-V switches
  "001c420000", // Parallels host adapters
  "005056c0", // VMware host adapters
  "00ff", // TAP drivers
  "444553540", // Microsoft dial-up: "DEST"
  "44455354616f",
];

/** The last digits: Microsoft's WAN miniports end in " RAS". */
export const softwareMacSuffix = "20524153";
