/** What can be wrong before the first frame: all later faults are dropped frames and lost connections. */

/** Stable; each says in its message what was found and what is asked for. */
export type TransportErrorCode =
  | 'ADDRESS_INVALID'
  | 'ADDRESS_UNUSABLE'
  | 'OPTION_INVALID'
  | 'KEY_INVALID'
  | 'KEY_FILE_UNSAFE'
  | 'FOLDER_UNSAFE'
  | 'CURVE_MISSING'
  | 'TOKEN_INVALID'
  | 'TOKEN_REFUSED'
  | 'NAME_TAKEN'
  | 'SERVER_UNREACHABLE';

/** A refusal by this package. */
export class TransportError extends Error {
  readonly code: TransportErrorCode;

  constructor(code: TransportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransportError';
    this.code = code;
  }
}
