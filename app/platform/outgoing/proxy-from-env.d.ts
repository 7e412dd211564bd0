declare module "proxy-from-env" {
  /** The address of the proxy for an address, as the environment names it; empty when none is used. */
  export function getProxyForUrl(url: string): string;
}
