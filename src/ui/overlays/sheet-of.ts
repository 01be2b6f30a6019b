import type { Rect } from '../../live/cells.ts';
import { dialogKeys } from '../key-help.ts';
import { dialogRect } from '../layout.ts';
import type { Scene } from '../scene.ts';
import { type OverlayFrame, openQuestion } from '../view-state.ts';
import { drawSheet, type PlacedSheet, type Sheet, sheetHeight, sheetWidth } from '../widgets/sheet.ts';
import { fieldSheet, questionSheet, yesNoSheet } from './dialogs.ts';
import { checklistSheet, variablesSheet } from './lists.ts';
import { logSourcesSheet, logStartSheet } from './logs.ts';
import { awaySheet, definitionSheet, helpSheet, infoSheet } from './reading.ts';
import { planSheet, rollbackSheet } from './rollback.ts';
import { unknownSheet } from './unknown.ts';

/** The overlay on top, drawn at its place; undefined: there is none. */
export function placedSheet(scene: Scene, body: Rect): PlacedSheet | undefined {
  const { top } = scene;
  if (top === undefined) return undefined;
  const small = sheetWidth('small', body);
  const wide = sheetWidth('wide', body);
  const sheet = sheetOf(scene, top, { small, wide, height: body.height - 4 });
  const width = (sheet.size === 'wide' ? wide : small) + 4;
  const rect = dialogRect(body, { width, height: sheetHeight(sheet) });
  const aboutAt = top.about?.row === sheet.selected ? (top.about?.at ?? 0) : 0;
  const placed = drawSheet({ sheet, rect, at: top.at, aboutAt, keys: dialogKeys(scene, width - 4) });
  return scene.shown === undefined || placed.hole === undefined ? placed : { ...placed, attempt: scene.shown.number };
}

type Room = { readonly small: number; readonly wide: number; readonly height: number };

function sheetOf(scene: Scene, frame: OverlayFrame, room: Room): Sheet {
  const { overlay } = frame;
  const { small, wide, height } = room;
  switch (overlay.kind) {
    case 'help':
      return helpSheet(wide);
    case 'info':
      return infoSheet(scene, wide);
    case 'away':
      return awaySheet(scene, small);
    case 'definition':
      return definitionSheet(scene, small);
    case 'checklist':
      return checklistSheet(scene);
    case 'variables':
      return variablesSheet(scene, wide);
    case 'log sources':
      return logSourcesSheet(scene);
    case 'log start':
      return logStartSheet(scene);
    case 'field':
      return fieldSheet(scene, frame, overlay.purpose, small);
    case 'yes or no':
      return yesNoSheet(scene, overlay.about, small);
    case 'questions': {
      const question = openQuestion(overlay);
      if (question === undefined) return { title: '', tone: 'plain', size: 'small', head: [], rows: [] };
      return questionSheet({ frame, question, left: overlay.questions.length }, small);
    }
    case 'rollback plan':
      return planSheet(scene, wide);
    case 'rollback':
      return rollbackSheet(scene, wide);
    case 'unknown':
      return unknownSheet(scene, overlay.stepId, { width: wide, height });
    default:
      return overlay satisfies never;
  }
}
