### Ukrainian.

## The page

secured_by = Під захистом Kassa
default_title = Завершіть покупку
languages = Мова
terms_link = Умови та положення
privacy_link = Політика конфіденційності
support_link = Підтримка клієнтів
opens_in_new_tab = (відкривається в новій вкладці)

## The order

order_summary = Підсумок замовлення
quantity = Кількість
more_lines =
    { $count ->
        [one] Показати ще { $count } позицію
        [few] Показати ще { $count } позиції
       *[many] Показати ще { $count } позицій
    }
item = Товар
discount = Знижка
delivery = Доставка
tax = Податок
surcharge = Доплата
subtotal = Проміжний підсумок
including_tax = У тому числі податок
total = Усього
order_number = Номер замовлення

## Ways to pay

payment_heading = Спосіб оплати
pay_now = Оплатити зараз
pay_later = Оплатити пізніше
pay_over_time = Оплатити частинами
about_pay_now = Сплатіть усю суму сьогодні.
about_pay_later = Сплатіть пізніше.
about_pay_over_time = Розподіліть суму на кілька платежів.
about_direct_debit = Сума списується з вашого банківського рахунку.
about_direct_bank_transfer = Сплатіть безпосередньо зі свого банківського рахунку.

## The consumer's details

details_heading = Ваші дані
email = Адреса електронної пошти
one_time_code = Одноразовий код
one_time_code_hint = Шість цифр
sign_up_heading = Ви тут уперше
sign_up_hint = Нам потрібно ще кілька даних, лише цього разу.
given_name = Ім’я
family_name = Прізвище
date_of_birth = Дата народження

## Buttons, and the payment form

buy = Купити
rent = Орендувати
book = Забронювати
subscribe = Підписатися
download = Завантажити
order = Замовити
continue_purchase = Продовжити
pay = Сплатити
processing = Обробка…
script_needed = Для оплати потрібен JavaScript. Увімкніть його у браузері або поверніться до магазину.
category_unavailable = Цей спосіб оплати недоступний для цієї покупки. Виберіть інший.
payment_not_finished = Платіж не завершено. Ви можете спробувати ще раз.
back = Назад до магазину
cancel = Скасувати покупку

## Errors and notices

error_prefix = Помилка:
error_summary = Перевірте, будь ласка, таке
category_not_chosen = Виберіть, як ви хочете заплатити.
email_not_readable = Введіть адресу електронної пошти, наприклад name@example.com.
code_not_readable = Введіть шість цифр коду.
code_rejected = Цей код неправильний. Перевірте його та введіть ще раз.
given_name_missing = Введіть своє ім’я.
family_name_missing = Введіть своє прізвище.
date_of_birth_not_readable = Введіть свою дату народження.
order_changed = Замовлення змінилося. Перевірте нову суму.
expires_soon = Це платіжне посилання дійсне до { $time }. Якщо вам потрібно більше часу, попросіть у магазину нове посилання.
category_declined = Цей спосіб оплати недоступний для вашої покупки. Виберіть інший.

## The explanation of the sandbox

sandbox_heading = Тестове середовище: без справжніх грошей
sandbox_code = будь-які шість цифр, крім 999999
sandbox_approves = платіж схвалюється
sandbox_declines = платіж відхиляється
sandbox_fails = платіж завершується технічною помилкою
sandbox_signs_up = потрібно вказати ім’я та дату народження

## The question before a cancellation

cancel_heading = Скасувати покупку?
cancel_text = Кошти не списано. Якщо ви скасуєте покупку, це платіжне посилання перестане працювати.
cancel_confirm = Так, скасувати покупку
keep_paying = Продовжити оплату

## Outcomes

declined_heading = Платіж відхилено
declined_text = Кошти не списано. Ви можете спробувати ще раз або вибрати в магазині інший спосіб оплати.
error_heading = Щось пішло не так
error_text = Технічна помилка перервала платіж. Кошти не списано.
confirming_heading = Ваш платіж підтверджується
confirming_text = Це може тривати кілька хвилин. Вам не потрібно нічого робити. Будь ласка, не платіть повторно: магазин дізнається результат, навіть якщо ви закриєте цю сторінку.
completed_heading = Платіж підтверджено
completed_text = Дякуємо. Магазин отримав повідомлення й подбає про решту.
cancelled_heading = Покупку скасовано
cancelled_text = Кошти не списано. Ви можете закрити цю сторінку.
went_back_heading = Ви залишили оплату
went_back_text = Кошти не списано. Ви все ще можете завершити покупку.
disabled_heading = Це платіжне посилання більше не дійсне
disabled_text = Магазин відкликав його. Попросіть у магазину нове посилання.
expired_heading = Термін дії цього платіжного посилання минув
expired_text = Попросіть у магазину нове посилання.
not_found_heading = Ми не знаємо цього платіжного посилання
not_found_text = Перевірте, чи скопійовано все посилання, або попросіть у магазину нове.
unavailable_heading = Спробуйте, будь ласка, за мить ще раз
unavailable_text = Сторінка оплати тимчасово недоступна. Кошти не списано.
no_payments_heading = Цей магазин зараз не може приймати платежі
no_payments_text = Кошти не списано. Запитайте, будь ласка, у магазину, як можна сплатити.
retry = Спробувати ще раз
continue_to_shop = Перейти до магазину
return_to_shop = Повернутися до магазину
moving_on = За мить ви повернетеся до магазину. Якщо нічого не відбувається, скористайтеся кнопкою.

## In a shop with staff

id_check_heading = Покажіть, будь ласка, посвідчення особи
id_check_text = Покажіть персоналу своє посвідчення особи та цей код. Коли їх перевірять, ця сторінка оновиться сама.
id_check_code = Код
display_heading = Відскануйте код, щоб сплатити
display_text = Наведіть камеру телефона на код і відкрийте посилання.
status_waiting = Очікування покупця
status_in_progress = Покупець платить
status_back = Покупець залишив оплату
status_timed_out = Покупець не завершив оплату
staff_title = Оплата в магазині
staff_scan = Покупець сканує цей код телефоном і платить там.
staff_open_display = Відкрити екран для покупця
staff_send_email = Надіслати посилання електронною поштою
staff_send_sms = Надіслати посилання в SMS
phone = Номер телефону
staff_send = Надіслати
staff_sent = Посилання буде надіслано за мить.
staff_not_sent = Посилання не надіслано. Перевірте адресу або номер і, якщо вони правильні, спробуйте пізніше ще раз.
staff_id_check_heading = Перевірте посвідчення особи
staff_id_check_text = Порівняйте код із кодом на телефоні покупця. Потім порівняйте посвідчення з людиною перед вами.
staff_id_check_pass = Документ у порядку
staff_id_check_fail = Відхилити платіж
staff_id_check_over = Цю перевірку завершено. Покупець може спробувати сплатити ще раз.
staff_disable = Відкликати посилання
staff_disable_text = Тоді покупець більше не зможе сплатити за цим посиланням.
staff_disable_yes = Так, відкликати посилання

## Messages

message_subject = Ваша покупка: { $shop }
message_text = Завершіть покупку ({ $shop }): { $link }
