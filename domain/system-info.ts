/**
 * Facts about a device beyond the columns of an asset: the content of `system_info`.
 * Every key is optional and present only with a value. Sizes in bytes, instants as ISO text.
 */
export interface SystemInfo {
  groupId?: string;
  hostname?: string;
  nickname?: string;
  /** The provider's own word: workstation, server, domain_controller. */
  role?: string;
  manufacturer?: string;
  model?: string;
  architecture?: string;
  notes?: string;
  tags?: string[];
  flag?: string | number;
  maintenanceMode?: boolean;
  city?: string;
  country?: string;
  memoryBytes?: number;
  memorySlots?: number;
  /** "Windows 11 Pro 23H2" */
  osName?: string;
  osInstalledAt?: string;
  osEndOfLife?: boolean;
  /** 0 – 100 */
  securityScore?: number;
  securityRisk?: string;
  /** Yes or no from some accounts, a percentage from others. */
  patchCompliance?: boolean | number | string;
  patchSecurityRisk?: string;
  primaryPartitionEncrypted?: boolean;
  firewallProvider?: string;
  firewallEnabled?: boolean;
  antivirusProvider?: string;
  antivirusStatus?: string;
  motherboardManufacturer?: string;
  motherboardModel?: string;
  biosVersion?: string;
  cpus?: { model?: string; cores?: number; clockSpeedMhz?: number }[];
  memoryModules?: { sizeBytes?: number; type?: string; formFactor?: string; location?: string }[];
  physicalDisks?: { model?: string; type?: string; sizeBytes?: number; serialNumber?: string }[];
  networkInterfaces?: {
    name?: string;
    description?: string;
    macAddress?: string;
    addresses?: string[];
    gateway?: string;
    dhcpServer?: string;
    dnsServers?: string[];
  }[];
}
