// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how a runbook names its variables.
import { describe, expect, it } from 'vitest';
import { scriptsOf, shipped } from './shipped.ts';

const loaded = shipped('python-3.12-migration');
const runbook = () => loaded;
const phase = (id: string) => {
  const found = runbook().phases.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`There is no phase ${id}.`);
  return found;
};
const step = (id: string) => {
  const found = runbook()
    .phases.flatMap((one) => [...one.steps, ...(one.rollback ?? [])])
    .find((candidate) => candidate.id === id);
  if (!found) throw new Error(`There is no step ${id}.`);
  return found;
};

describe('the commands of the document', () => {
  it.each([
    'python3 --version',
    'git status',
    'docker info',
    'ruff check .',
    'ruff format . --check',
    'gh',
    'conda create -n "$NEW_ENV" python="$NEW_PYTHON" -y',
    'conda activate "$NEW_ENV"',
    'python --version',
    'pip install --upgrade pip',
    'pip install -e .',
    'pip install -e ".[dev]"',
    'pip list | grep -E "Flask|SQLAlchemy|celery|pydantic"',
    'ruff check . --fix',
    'ruff format .',
    'alembic upgrade head',
    'python src/server.py',
    'python src/worker.py',
    'docker build -f Dockerfile --target app -t aiproxysrv-app:test .',
    'docker build -f Dockerfile --target worker -t celery-worker-app:test .',
    'grep "^version" aiproxysrv/pyproject.toml',
    'docker login "$REGISTRY" -u "$REGISTRY_USER" --password-stdin',
    '"$SET_VERSION" "${NEW_VERSION#v}"',
    '"$BUILD_AND_PUSH" "$NEW_VERSION"',
    'git add aiproxysrv/Dockerfile aiproxysrv/pyproject.toml',
    '- Update Ruff target-version to py312',
    '- Add migration documentation',
    'docker compose ps',
    'docker compose logs --no-color --tail=50',
    'celery -A "$CELERY_APP" inspect ping',
    'from db.database import engine',
    'docker compose logs --no-color --tail=100',
    '{"prompt": "A sunset over mountains", "model": "dall-e-3"}',
    '{"title": "Test Song", "lyrics": "Test lyrics..."}',
    'git tag -a "$NEW_VERSION"',
    '- Security: Extended support until Oct 2028',
    'conda env remove -n "$OLD_ENV" -y',
    'docker builder prune -af',
    'docker build --no-cache -f Dockerfile --target app',
    'pip install -e ".[dev]" --force-reinstall',
    'docker compose ps redis',
    'docker compose restart redis',
    'docker compose restart celery-worker',
    'docker stats',
    'conda env list',
    'conda deactivate',
    'docker compose build --no-cache',
    'docker compose logs -f --tail=100',
    'docker compose exec aiproxy-app bash',
    'ruff check src/api/routes/chat_routes.py',
    'alembic current',
    'alembic revision --autogenerate -m "message"',
    'alembic downgrade -1',
  ])('carry over: %s', (command) => {
    expect(scriptsOf(runbook()).some(({ script }) => script.includes(command))).toBe(true);
  });

  // What works as typed at a keyboard but not as a step: what stands in its place says so.
  it.each([
    ['git checkout HEAD~1 --', 'dev-files-back', 'git restore --source="${BASE_COMMIT', 'HEAD~1'],
    ['cp docker-compose.yml docker-compose.yml.backup', 'compose-backup', 'cp -p', 'docker-compose.yml.backup'],
    ['docker compose pull', 'pull-worker', 'docker compose pull "$WORKER_SERVICE"', 'docker compose pull'],
    ['docker compose up -d celery-worker', 'restart-worker', '--no-deps --pull never --wait', '--wait'],
    ['docker compose up -d aiproxy-app', 'restart-app', '--no-deps --pull never --wait', '5.6'],
    [
      'docker compose pull && docker compose up -d',
      'prod-images-back',
      'docker tag "${OLD_WORKER_IMAGE_ID',
      'pulls them',
    ],
    ['docker compose logs -f --tail=50', 'logs', 'docker compose logs --no-color', 'never ends'],
    ['docker compose logs | grep -i error', 'no-errors', 'docker compose logs', 'grep -i error'],
    ['grep "500\\|error\\|exception"', 'failed-requests', 'tail -n 20', '500'],
    ['docker run --rm -it', 'test-container', 'docker run --rm --name', '-it'],
    ['docker images | grep test', 'images-python', 'docker image inspect', 'grep test'],
    ['docker manifest inspect', 'manifest', 'docker manifest inspect', 'one\nplatform'],
    ['conda activate (default)', 'default-env', 'Python $NEW_PYTHON', 'conda activate'],
    ['registry rollback in YAML', 'registry-latest-back', 'docker push', 'piece of YAML'],
    ['docker compose up postgres -d', 'postgres', 'docker compose up -d --wait "$DB_SERVICE"', '--wait'],
    ['the database backup in operations/', 'database-backup', 'pg_dump', 'operations/'],
  ])('replaced, with the reason: %s', (_command, id, script, reason) => {
    const own = scriptsOf(runbook()).filter((one) => one.place === id);
    expect(own.map((one) => one.script).join('\n')).toContain(script);
    expect(step(id).about).toContain(reason);
  });

  it('leave no trace of who wrote the document in the commit', () => {
    const commit = scriptsOf(runbook()).filter((one) => one.place === 'commit');
    expect(commit.map((one) => one.script).join('\n')).not.toMatch(/Generated with|Co-Authored-By/i);
  });
});

describe('what the document asks for over HTTP', () => {
  const probes = () =>
    runbook()
      .phases.flatMap((one) => one.steps)
      .flatMap(({ id, action }) =>
        action.kind === 'check' && action.poll.probe.kind === 'http' ? [[id, action.poll.probe] as const] : [],
      );

  it.each([
    ['health', 'GET', '${BASE_URL}${HEALTH_PATH}', undefined],
    [
      'image-mock',
      'POST',
      '${BASE_URL}${API_PATH}/images/generate',
      '{"prompt": "${MOCK_PROMPT}", "model": "dall-e-3"}',
    ],
    ['chat-dev', 'POST', '${BASE_URL}${API_PATH}/chat/generate', '{"model": "${DEV_CHAT_MODEL}", "prompt": "Hello"}'],
    ['test-container-health', 'GET', 'http://localhost:${TEST_PORT}${HEALTH_PATH}', undefined],
    ['app-health', 'GET', '${BASE_URL}${HEALTH_PATH}', undefined],
    [
      'smoke-chat',
      'POST',
      '${BASE_URL}${API_PATH}/chat/generate',
      '{"model": "${PROD_CHAT_MODEL}", "prompt": "Hello World"}',
    ],
    ['smoke-account', 'GET', '${BASE_URL}${API_PATH}/account/status', undefined],
  ])('%s is a check of status and, where it has one, body', (id, method, url, body) => {
    const probe = probes().find(([of]) => of === id)?.[1];
    expect([probe?.method, probe?.url, probe?.body, probe?.status]).toEqual([method, url, body, 200]);
  });

  it('asks once where it costs money, and after a confirmation', () => {
    const paid = phase('production').steps.filter((one) => one.tags.includes('costs-money'));
    expect(paid.map((one) => [one.id, one.action.kind, one.confirm, one.retry])).toEqual([
      ['smoke-image', 'run', true, undefined],
      ['smoke-song', 'run', true, undefined],
    ]);
  });
});

it('restarts production in the order that keeps it up', () => {
  const order = phase('production').steps.map((one) => one.id);
  const wanted = ['same-compose', 'backups-there', 'restart-worker', 'worker-answers', 'restart-app', 'app-health'];
  expect(order.filter((id) => wanted.includes(id))).toEqual(wanted);
  expect([step('restart-worker').confirm, step('restart-app').danger]).toEqual([true, true]);
  expect(step('restart-app').needs).toEqual(['worker-answers']);
});

it('never lets a command of its own pull or restart the database in production', () => {
  const wide = scriptsOf(runbook())
    .filter(({ place }) => phase('production').steps.some((one) => one.id === place) || place.startsWith('prod-'))
    .filter(({ script }) => /docker compose (pull|up -d)\s*($|&&|;)/m.test(script));
  expect(wide).toEqual([]);
});
