
for (const item of document.querySelectorAll('.legend li')) {
  const name = item.dataset.series;
  const marks = [...item.closest('figure').querySelectorAll('svg [class]')]
    .filter((mark) => mark.classList.contains(name));
  if (!marks.length || item.parentNode.children.length < 2) continue;
  item.setAttribute('role', 'button');
  item.setAttribute('tabindex', '0');
  item.setAttribute('aria-pressed', 'true');
  const toggle = () => {
    const shown = item.getAttribute('aria-pressed') !== 'true';
    item.setAttribute('aria-pressed', String(shown));
    for (const mark of marks) mark.classList.toggle('hidden', !shown);
  };
  item.addEventListener('click', toggle);
  item.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    toggle();
  });
}
for (const heat of document.querySelectorAll('.heat')) {
  const figure = heat.closest('figure');
  const rows = figure.querySelectorAll('table.counts tbody tr');
  const bounds = [...figure.querySelectorAll('table.counts thead th')].map((cell) => cell.textContent);
  const cells = new Map([...rows].map((row) => [row.cells[0].textContent, row.cells]));
  const tip = document.createElement('div');
  tip.className = 'tip hidden';
  figure.append(tip);
  heat.addEventListener('mousemove', (event) => {
    const box = heat.dataset;
    const at = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(heat.getScreenCTM().inverse());
    const column = Math.floor((at.x - box.left) / (box.right - box.left) * box.columns);
    const start = (box.width / 1e9 * column).toFixed(6);
    const row = box.tops.split(' ').findIndex((top) => at.y >= Number(top));
    const found = cells.get(start);
    const count = found && row >= 0 ? found[row + 1].textContent : '';
    tip.classList.toggle('hidden', !count);
    if (!count) return;
    tip.textContent = `${count} from ${bounds[row + 1]}, at ${start} s`;
    const around = figure.getBoundingClientRect();
    tip.style.left = `${Math.min(event.clientX - around.left + 12, around.width - tip.offsetWidth - 4)}px`;
    tip.style.top = `${event.clientY - around.top - 30}px`;
  });
  heat.addEventListener('mouseleave', () => tip.classList.add('hidden'));
}
