/** A backup, restore or move was refused or failed for a reason that a person can fix. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  readonly userMessage: string;
  constructor(
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.userMessage = message;
  }
}
