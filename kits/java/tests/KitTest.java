import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Scanner;
import java.util.stream.Collectors;
import kassa.Kassa;
import kassa.Kassa.KassaError;
import kassa.Kassa.KassaRefused;
import kassa.Kassa.KassaTimedOut;
import kassa.Kassa.Merchant;
import kassa.Kassa.PageSession;
import kassa.KassaExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the kit with the real binary. */
@ExtendWith(KassaExtension.class)
class KitTest {
    private static final Map<String, String> CLOSED = Map.of("status_update", "http://127.0.0.1:9/callbacks");

    @Test
    void everyActionReturnsThePageSession(Merchant merchant) {
        PageSession session = merchant.createPageSession();
        assertEquals("IN_PROGRESS", session.enter().path("status").asText());
        assertEquals("FAILED", session.decline("no money").path("status").asText());
        assertEquals("IN_PROGRESS", session.enter().path("status").asText());
        assertEquals("ERROR", session.error("a cable broke").path("status").asText());
        assertEquals("IN_PROGRESS", session.enter().path("status").asText());
        assertEquals("BACK", session.back().path("status").asText());
        assertEquals("COMPLETED", session.approve("customer@email.se").path("status").asText());
        assertEquals(List.of("1", "2", "3", "4", "5", "6", "7"), texts(session.history(), "sequence"));
    }

    @Test
    void cancelIsBackInAWebShopAndFinalElsewhere(Merchant merchant) {
        Map.of("ECOMMERCE", "BACK", "IN_STORE", "CANCELLED").forEach((channel, status) -> {
            Map<String, Object> cart = new HashMap<>(Merchant.SAMPLE_CART);
            cart.put("acquiring_channel", channel);
            PageSession session = merchant.createPageSession(Map.of(), cart);
            session.enter();
            assertEquals(status, session.cancel().path("status").asText());
        });
    }

    @Test
    void aRefusedActionHasItsStatusAndCode(Merchant merchant) {
        PageSession session = merchant.createPageSession();
        KassaRefused refused = assertThrows(KassaRefused.class, session::approve);
        assertTrue(refused.getMessage().contains("409 CONFLICT: [\"The consumer cannot approve"), refused.getMessage());
        assertEquals(409, refused.status);
        assertEquals("CONFLICT", refused.code);
    }

    @Test
    void aSessionOfTheShopIsFoundByItsId(Merchant merchant) {
        PageSession created = merchant.createPageSession();
        assertEquals(created.read(), merchant.pageSession(created.id).read());
        assertTrue(created.redirectUrl.startsWith(merchant.url + "/pay/"));
        assertEquals(merchant.url + "/lab/of/" + merchant.merchantId + "/sessions/" + created.id, created.labPage);
    }

    @Test
    void aDroppedCallbackComesAgainWhenTheClockMoves(Merchant merchant) {
        var drop = Map.of("do", "drop", "status", "COMPLETED", "attempt", 1);
        merchant.injectFaults(Map.of("callbacks", List.of(drop)));
        PageSession session = merchant.createPageSession(CLOSED, Merchant.SAMPLE_CART);
        session.enter();
        session.approve();
        List<JsonNode> first = session.waitForCallbacks(2);
        assertEquals(List.of(false, true), first.stream().map(one -> one.has("faults")).collect(Collectors.toList()));
        assertEquals(List.of("2", "2"), texts(merchant.advanceClock("PT5S"), "attempt"));
        assertEquals(4, session.waitForCallbacks(4).size());
    }

    @Test
    void theClockIsFrozenAndCanBeSet(Merchant merchant) {
        assertTrue(merchant.clock().path("frozen").asBoolean());
        merchant.setClock("2026-01-01T08:00:00Z", null);
        PageSession session = merchant.createPageSession();
        List<JsonNode> fired = merchant.advanceClockTo("2026-01-03T08:00:00Z");
        assertEquals(List.of("session_expired"), texts(fired, "what"));
        assertEquals(List.of(session.id), texts(fired, "session_id"));
        assertEquals("2026-01-03T08:00:00.000Z", merchant.clock().path("now").asText());
        assertTrue(!merchant.setClock(null, false).path("frozen").asBoolean());
    }

    @Test
    void aFaultOfACallEndsWhenFaultsAreCleared(Merchant merchant) {
        var fail = Map.of("do", "fail", "status", 503, "path", "/hpp/v1/sessions");
        merchant.injectFaults(Map.of("calls", List.of(fail)));
        assertEquals(503, assertThrows(KassaRefused.class, merchant::createPageSession).status);
        merchant.clearFaults();
        merchant.createPageSession();
        List<JsonNode> answers = merchant.journal(Map.of("path", "/hpp/v1/sessions")).stream()
            .map(entry -> entry.path("answer")).collect(Collectors.toList());
        assertEquals(List.of("503", "201"), texts(answers, "status"));
    }

    @Test
    void theInboxHasTheLink(Merchant merchant) {
        PageSession session = merchant.createPageSession();
        var message = Map.of("method", "email", "contact_information", Map.of("email", "customer@email.se"));
        merchant.call("POST", "/hpp/v1/sessions/" + session.id + "/distribution", message);
        assertEquals(List.of(session.redirectUrl), texts(session.waitForMessages(1), "link"));
    }

    @Test
    void anOrderPassesItsFraudCheck(Merchant merchant) {
        JsonNode placed = placePendingOrder(merchant);
        assertEquals("PENDING", placed.path("fraud_status").asText());
        JsonNode accepted = merchant.acceptOrder(placed.path("order_id").asText());
        assertEquals("ACCEPTED", accepted.path("fraud_status").asText());
        JsonNode rejected = merchant.rejectOrder(placePendingOrder(merchant).path("order_id").asText());
        assertEquals("REJECTED", rejected.path("fraud_status").asText());
    }

    private static JsonNode placePendingOrder(Merchant merchant) {
        PageSession session = merchant.createPageSession();
        session.enter();
        String token = session.approve("customer+pend-accept-5@email.se").path("authorization_token").asText();
        return merchant.call("POST", "/payments/v1/authorizations/" + token + "/order", Merchant.SAMPLE_CART);
    }

    @Test
    void aPaymentSessionNeedsNoPage(Merchant merchant) {
        JsonNode payment = merchant.call("POST", "/payments/v1/sessions", Merchant.SAMPLE_CART);
        String id = payment.path("session_id").asText();
        merchant.declinePaymentSession(id);
        String path = "/payments/v1/authorizations/" + merchant.approvePaymentSession(id) + "/order";
        JsonNode placed = merchant.call("POST", path, Merchant.SAMPLE_CART);
        assertEquals("ACCEPTED", placed.path("fraud_status").asText());
    }

    @Test
    void aWaitInVainReportsWhatWasThere(Merchant merchant) {
        var late = assertThrows(KassaTimedOut.class,
            () -> merchant.waitForJournal(1, Map.of("kind", "callback", "wait", 0)));
        String expected = "The journal has 0 entries .* and not 1, after 0 seconds.";
        assertTrue(late.getMessage().matches(expected), late.getMessage());
    }

    @Test
    void merchantsShareNothing(Kassa kassa, Merchant merchant) {
        PageSession session = merchant.createPageSession();
        Merchant other = kassa.newMerchant("Another Shop");
        assertEquals(404, assertThrows(KassaRefused.class, other.pageSession(session.id)::read).status);
        other.delete();
        assertEquals(401, assertThrows(KassaRefused.class, other::clock).status);
    }

    @Test
    void aStartThatFailsSaysSo() {
        var failure = assertThrows(KassaError.class, () -> Kassa.start("--no-such-option"));
        assertTrue(failure.getMessage().contains("--no-such-option ended with status 2"), failure.getMessage());
    }

    @Test
    void aKassaThatRunsAlreadyIsUsedAndNotStopped(Kassa kassa) {
        Kassa connected = Kassa.connect(kassa.url + "/");
        assertEquals("WAITING", connected.newMerchant().createPageSession().status());
        connected.stop();
        connected.newMerchant().delete();
    }

    @Test
    void aStoppedKassaDoesNotAnswer() {
        Kassa running = Kassa.start();
        Merchant merchant = running.newMerchant();
        running.stop();
        running.stop();
        var failure = assertThrows(KassaError.class, merchant::clock);
        assertTrue(failure.getMessage().contains("no complete answer from Kassa"), failure.getMessage());
    }

    @Test
    void kassaEndsWhenTheTestRunIsKilled() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        Process runner = new ProcessBuilder(java, "-cp", classes, "KitTest$Runner").start();
        assertTrue(new Scanner(runner.getInputStream()).nextLine().startsWith("http://127.0.0.1:"));
        runner.toHandle().destroyForcibly();
        // Kassa inherits the standard error of its test run, so the pipe closes when both have ended.
        assertEquals("", new String(runner.getErrorStream().readAllBytes()));
    }

    /** A test run that waits until it is killed. */
    static final class Runner {
        public static void main(String[] arguments) throws IOException {
            System.out.println(Kassa.start().url);
            System.in.read();
        }
    }

    private static List<String> texts(List<JsonNode> objects, String field) {
        return objects.stream().map(one -> one.path(field).asText()).collect(Collectors.toList());
    }
}
