/** ssh(1): it exits with the status of the remote command, or with 255 if an error occurred. */
export const SSH_FAILED = 255;
