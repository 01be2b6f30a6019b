// Ink asks for React's developer tools only in development; the bundle must not look for them.
export default {};
