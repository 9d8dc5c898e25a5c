"""Archives with the same bytes for the same files."""

import gzip
import tarfile


class Archive:
    """A tar archive in which all files have the same time, and numbers for owners."""

    def __init__(self, path, epoch):
        self._file = open(path, "wb")
        compressed = path.suffix == ".gz"
        self._stream = gzip.GzipFile("", "wb", 6, self._file, mtime=epoch) if compressed else self._file
        self._tar = tarfile.open(fileobj=self._stream, mode="w", format=tarfile.GNU_FORMAT)
        self._epoch = epoch

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._tar.close()
        self._stream.close()
        self._file.close()

    def add_folder(self, name, mode=0o755, owner=0):
        self._tar.addfile(self._member(name, tarfile.DIRTYPE, mode, owner))

    def add_file(self, source, name, mode=0o644):
        member = self._member(name, tarfile.REGTYPE, mode, 0)
        member.size = source.stat().st_size
        with open(source, "rb") as content:
            self._tar.addfile(member, content)

    def add_tree(self, folder, name):
        """Adds all files and folders of a folder. Files have mode 644."""
        self.add_folder(name)
        for path in sorted(folder.rglob("*")):
            inner = f"{name}/{path.relative_to(folder)}"
            self.add_folder(inner) if path.is_dir() else self.add_file(path, inner)

    def _member(self, name, kind, mode, owner):
        member = tarfile.TarInfo(name)
        member.type, member.mode, member.uid, member.gid, member.mtime = kind, mode, owner, owner, self._epoch
        return member
