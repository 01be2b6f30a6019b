/** A run that goes on for a length of time: a steady stream, bursts, a watch, and everything beside it that is followed. */
export function soakRunbook(lengthSeconds: number, containers: readonly string[]): string {
  const names = `[${containers.join(', ')}]`;
  const docker = containers.length === 0 ? '' : `  docker: { containers: ${names} }\n`;
  const dockerLogs = containers.length === 0 ? '' : `    - docker: { containers: ${names}, tail: 20 }\n`;
  return `
version: 1
id: soak
title: Soak
monitor:
${docker}  logs:
${dockerLogs}    - file: logs/*.log
  alert: { pattern: '\\berror\\b', max: 1000, within: 60s }
phases:
  - id: only
    title: Only
    steps:
      - id: steady
        title: A steady stream
        readonly: true
        service: |
          n=0
          while :; do
            n=$((n + 1))
            printf '\\033[32m%s\\033[0m request %d served in %d ms\\n' "$(date +%T)" $n $((n * 7919 % 997))
            sleep 0.1
          done
      - id: bursts
        title: Bursts
        readonly: true
        service: |
          while :; do
            awk 'BEGIN { for (n = 0; n < 20000; n++) print "burst line", n, "took", n * 7919 % 997, "ms" }'
            sleep 30
          done
      - id: watch
        title: Watch it
        watch: { check: test -d logs, every: 1s, for: ${lengthSeconds}s }
`;
}
