package kassa;

import java.util.List;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives each JUnit 5 test a merchant of its own, and the Kassa that all tests share. */
public final class KassaExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace STORE = ExtensionContext.Namespace.create(Kassa.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return List.of(Kassa.class, Kassa.Merchant.class).contains(parameter.getParameter().getType());
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // JUnit closes what is in a store: Kassa after the last test, and the merchant after its test.
        Kassa kassa = context.getRoot().getStore(STORE)
            .getOrComputeIfAbsent(Kassa.class, key -> new Running(Kassa.start()), Running.class).kassa;
        if (parameter.getParameter().getType() == Kassa.class) {
            return kassa;
        }
        // The key names this test, because a store also finds what is in the store of its class.
        return context.getStore(STORE)
            .getOrComputeIfAbsent(context.getUniqueId(), key -> new Created(kassa.newMerchant()), Created.class)
            .merchant;
    }

    private static final class Running implements CloseableResource {
        private final Kassa kassa;

        Running(Kassa kassa) {
            this.kassa = kassa;
        }

        @Override
        public void close() {
            kassa.stop();
        }
    }

    private static final class Created implements CloseableResource {
        private final Kassa.Merchant merchant;

        Created(Kassa.Merchant merchant) {
            this.merchant = merchant;
        }

        @Override
        public void close() {
            merchant.delete();
        }
    }
}
