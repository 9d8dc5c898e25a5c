// Adds a button that copies a command. The commands can be selected without it.

async function copy(button, command) {
  await navigator.clipboard.writeText(command.textContent);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

function addButton(command) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'copy';
  button.textContent = 'Copy';
  button.addEventListener('click', () => copy(button, command));
  command.before(button);
}

// Browsers have no clipboard for pages of plain http, except those of this machine.
if (navigator.clipboard) document.querySelectorAll('.command').forEach(addButton);
