/** Invented names. Any likeness to a real business or person is chance. */

export const CLIENT_NAMES = [
  "Harborlight",
  "Müller & Søn",
  "Northfield",
  "Café Lumière",
  "Blue Heron",
  "青空",
  "Ópticas Peña",
  "Redwood Ridge",
  "Zażółć",
  "Kestrel",
  "St. Brigid's",
  "Ångström",
  "Copper Creek",
  "O'Malley & Daughters",
  "Ferngully",
  "Δelta",
  "Silverline",
  "Maple & Main",
  "Brontë",
  "Tidewater",
  "Ивушка",
  "Larkspur",
  "Quarry Hill",
  "São Bento",
  "Willow Bend",
  "Ironwood",
  "Çınar",
  "Summit View",
  "Piñon",
  "Old Mill",
] as const;

export const CLIENT_TRADES = [
  "Dental",
  "Logistics",
  "Legal",
  "Bakery Group",
  "Veterinary",
  "Architects",
  "Accounting",
  "Manufacturing",
  "Orthodontics",
  "Property",
  "ApS",
  "GmbH",
  "Ltd",
  "Schools Trust",
  "Hotels",
  "Freight",
  "Insurance",
  "Clinic",
  "Foods, Inc.",
  "株式会社",
] as const;

export interface Place {
  city: string;
  country: string;
  code: string;
}

export const PLACES: readonly Place[] = [
  { city: "Asheville", country: "United States", code: "US" },
  { city: "Hendersonville", country: "United States", code: "US" },
  { city: "Duluth", country: "United States", code: "US" },
  { city: "Boise", country: "United States", code: "US" },
  { city: "Halifax", country: "Canada", code: "CA" },
  { city: "Montréal", country: "Canada", code: "CA" },
  { city: "Århus", country: "Denmark", code: "DK" },
  { city: "Łódź", country: "Poland", code: "PL" },
  { city: "Leeds", country: "United Kingdom", code: "GB" },
  { city: "Cork", country: "Ireland", code: "IE" },
  { city: "München", country: "Germany", code: "DE" },
  { city: "Logroño", country: "Spain", code: "ES" },
  { city: "札幌市", country: "Japan", code: "JP" },
  { city: "São José", country: "Brazil", code: "BR" },
];

export const SITE_NAMES = [
  "Head Office",
  "Branch Office",
  "Warehouse",
  "Front office",
  "Showroom",
  "Annex",
  "Remote",
] as const;
export const SUBGROUP_NAMES = ["Servers", "Workstations", "Laptops"] as const;

export const TAGS = [
  "VIP",
  "Imaging",
  "Backup",
  "Windows Server",
  "Kiosk",
  "Do not reboot",
  "Leihgerät",
  "Finance",
] as const;

export const PEOPLE = [
  "priya",
  "jonas",
  "maria.lopez",
  "s.okafor",
  "reception",
  "björn",
  "k.tanaka",
  "anne-marie",
  "oleg",
  "chen.wei",
] as const;

export const ROOMS = ["FRONT", "OP", "LAB", "ACCT", "HR", "MGR", "SHIP", "DESK"] as const;

export const NOTES = [
  "Label printer on USB hub.",
  "Replace at next refresh.",
  "Local admin password in vault.",
  "Zweiter Monitor bestellt",
] as const;
export const FLAGS = ["Fan noise, swap on next visit", "Battery swollen", "User leaves in December"] as const;

/** What firmware answers when the maker never set a serial number. */
export const JUNK_SERIALS = [
  "To Be Filled By O.E.M.",
  "Default string",
  "System Serial Number",
  "0",
  "None",
  "Not Specified",
] as const;
