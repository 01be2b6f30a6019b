/** What went wrong with a connection, in the words of an operator; `where` is host and port. */
export function networkError(error: unknown, where: string): string {
  const cause = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return `connection refused on ${where}`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `connection to ${where} was closed before an answer`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${where} can't be resolved`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to ${where}`;
    case 'ETIMEDOUT':
      return `no connection to ${where} in time`;
    default:
      return `${where}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
