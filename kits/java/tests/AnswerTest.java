import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.Scanner;
import java.util.concurrent.CompletableFuture;
import kassa.Kassa;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', no complete answer from Kassa",
        "'HTTP/1.1 200 OK|Content-Length: 100', '{', no complete answer from Kassa",
        "'HTTP/1.1 404 No|Content-Length: 100', '{', no complete answer from Kassa",
        "'HTTP/1.1 200 OK|Transfer-Encoding: chunked', '64|{}', no complete answer from Kassa",
        "'this is not HTTP', '', no complete answer from Kassa",
        "'HTTP/1.1 200 OK|Content-Length: 11', '200 is fine', the answer is not JSON: 200 is fine",
        "'HTTP/1.1 502 No|Content-Length: 6', '<html>', '502 : \"<html>\"'",
    })
    void anAnswerThatIsCutOrNotJsonIsAnError(String head, String body, String message) throws IOException {
        String answer = head.isEmpty() ? "" : (head + "||" + body).replace("|", "\r\n");
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture.runAsync(() -> answerOnce(server, answer));
            Kassa kassa = Kassa.connect("http://127.0.0.1:" + server.getLocalPort());
            var failure = assertThrows(Kassa.KassaError.class, kassa::newMerchant);
            assertTrue(failure.getMessage().contains(message), failure.getMessage());
        }
    }

    private static void answerOnce(ServerSocket server, String answer) {
        try (var connection = server.accept()) {
            // The body of the request is `{}`.
            new Scanner(connection.getInputStream(), StandardCharsets.UTF_8).useDelimiter("\\{\\}").next();
            connection.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
