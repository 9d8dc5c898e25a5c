package kassa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FindBinaryTest {
    @Test
    void theBinaryIsFoundByVariableThenPackageThenPath(@TempDir Path folder) throws IOException {
        String chosen = executable(folder.resolve("chosen"));
        String beside = executable(Kassa.besideThisClass().toPath());
        String onPath = executable(folder.resolve("kassa"));
        Map<String, String> path = Map.of("PATH", folder.toString());
        assertEquals(chosen, Kassa.findBinary(Map.of("PATH", folder.toString(), "KASSA_BIN", chosen)));
        assertEquals(beside, Kassa.findBinary(path));
        Files.delete(Path.of(beside));
        assertEquals(onPath, Kassa.findBinary(path));
        Files.delete(Path.of(onPath));
        assertFailure("Install Kassa, or set KASSA_BIN", path);
        assertFailure("which is not an executable file", Map.of("KASSA_BIN", onPath));
    }

    private static void assertFailure(String words, Map<String, String> environment) {
        var failure = assertThrows(Kassa.KassaError.class, () -> Kassa.findBinary(environment));
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    private static String executable(Path path) throws IOException {
        File file = Files.writeString(path, "#!/bin/sh\n").toFile();
        assertTrue(file.setExecutable(true));
        return file.getPath();
    }
}
