package kassa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(KassaExtension.class)
class StartTest {
    private static final int SIGKILL = 9;

    @Test
    void theKassaOfTheVariableIsUsedAndNotStopped(Kassa kassa) {
        Kassa found = Kassa.start(Map.of("KASSA_URL", kassa.url + "/"));
        assertEquals(kassa.url, found.url);
        found.stop();
        kassa.newMerchant().delete();
    }

    @Test
    void aMissingBinarySaysWhatToDo(@TempDir Path folder) {
        assertFailure("Install Kassa, or set KASSA_BIN", Map.of("PATH", folder.toString()));
        assertFailure("which is not an executable file", Map.of("KASSA_BIN", folder.resolve("kassa").toString()));
    }

    @Test
    void aBinaryThatCannotBeStartedSaysSo(@TempDir Path folder) throws IOException {
        String broken = program(folder, "#!/no/interpreter");
        assertFailure(broken + " could not be started", Map.of("KASSA_BIN", broken));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Welcome", "[]", "{}"})
    void aStartOfAnotherProgramSaysSo(String line, @TempDir Path folder) throws IOException {
        String other = program(folder, "#!/bin/sh\necho '" + line + "'; exit 3");
        String said = "printed " + line + ", and not a line of `kassa dev --json`, with status 3";
        assertFailure(said, Map.of("KASSA_BIN", other));
    }

    @Test
    void aKassaThatDoesNotStopIsKilled(@TempDir Path folder) throws IOException {
        String stubborn = program(folder, "#!/bin/sh\necho ready; exec sleep 1000");
        Process process = new ProcessBuilder(stubborn).start();
        assertEquals('r', process.getInputStream().read());
        assertEquals(128 + SIGKILL, Kassa.end(process, Duration.ofMillis(100)));
    }

    private static void assertFailure(String words, Map<String, String> environment) {
        var failure = assertThrows(Kassa.KassaError.class, () -> Kassa.start(environment));
        assertTrue(failure.getMessage().contains(words), failure.getMessage());
    }

    private static String program(Path folder, String script) throws IOException {
        Path path = Files.writeString(folder.resolve("kassa"), script + "\n");
        assertTrue(path.toFile().setExecutable(true));
        return path.toString();
    }
}
