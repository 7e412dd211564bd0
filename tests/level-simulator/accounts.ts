import type { Account } from "./account";

/** Accounts kept in memory: more than are read at a time, so that none is made again for each page. */
const KEPT = 64;

export interface AccountsOptions {
  /** How many accounts there are; they are numbered from 0. */
  count: number;
  /**
   * How many fleets the accounts have: account n has fleet n % fleets, and shares it and its changes with the others of
   * that fleet.
   */
  fleets: number;
  /** Key of account 0. The key of account n ends in `-n`. */
  apiKey: string;
  readOnlyApiKey: string;
  first: Account;
  /** Gives the same fleet for the same number each time. */
  make(fleet: number): Account;
}

/** The account of a request's key. */
export interface Caller {
  account: Account;
  access: "read" | "write";
  /** The number of the account. */
  number: number;
}

/**
 * The accounts of one simulator, by API key. Only the first is kept for good. Any other is made at its first request
 * and dropped after requests to many others; its changes are lost then.
 */
export class Accounts {
  private readonly kept = new Map<number, Account>();

  constructor(private readonly options: AccountsOptions) {}

  get first(): Account {
    return this.options.first;
  }

  reset(): void {
    this.options.first.reset();
    this.kept.clear();
  }

  /** Undefined for an unknown key. */
  callerOf(authorization: string): Caller | undefined {
    const { apiKey, readOnlyApiKey, first, count, fleets } = this.options;
    if (authorization === apiKey) return { account: first, access: "write", number: 0 };
    if (authorization === readOnlyApiKey) return { account: first, access: "read", number: 0 };
    if (count === 1 || !authorization.startsWith(`${apiKey}-`)) return undefined;
    const text = authorization.slice(apiKey.length + 1);
    const number = Number(text);
    if (String(number) !== text || !Number.isInteger(number) || number < 1 || number >= count)
      return undefined;
    return { account: this.accountOf(number % fleets), access: "write", number };
  }

  private accountOf(fleet: number): Account {
    if (fleet === 0) return this.options.first;
    const account = this.kept.get(fleet) ?? this.options.make(fleet);
    // Moves the account to the end: the first is the least recently used, and is dropped first.
    this.kept.delete(fleet);
    this.kept.set(fleet, account);
    if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value!);
    return account;
  }
}
